import Testing

@testable import Kafka

@Suite struct KafkaDecimalDigitsTests {
    @Test(arguments: [0, 7, 10, 1_024, -1, -90, Int64.max, Int64.min])
    func aNumberIsWrittenAsPeopleWriteIt(number: Int64) {
        var text = ""
        unsafe DecimalDigits.withDigits(of: number) { text = unsafe String(decoding: $0, as: UTF8.self) }
        #expect(text == String(number))
    }
}
