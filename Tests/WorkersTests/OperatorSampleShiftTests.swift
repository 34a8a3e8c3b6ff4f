import FleetOperator
import Testing

struct OperatorSampleShiftTests {
    private let shift = SampleShift(seconds: 100)

    private func moved(_ text: String) -> String { String(decoding: shift.apply(Array(text.utf8)), as: UTF8.self) }

    static let cases: [(String, String)] = [
        // Milliseconds, seconds and the same as text.
        (#"{"msgtime":1741571101102}"#, #"{"msgtime":1741571201102}"#),
        (#"{"msgtime":1741571101}"#, #"{"msgtime":1741571201}"#),
        (#"{"msgtime":"1741571101102"}"#, #"{"msgtime":"1741571201102"}"#),
        // Ids with a time, with and without suffix, in either unit; ids without a time.
        (#"{"msgid":"73_1741571101223_external"}"#, #"{"msgid":"73_1741571201223_external"}"#),
        (#"{"msgid":"73_1741571101"}"#, #"{"msgid":"73_1741571201"}"#),
        (#"{"msgid":"125289002219525886341"}"#, #"{"msgid":"125289002219525886341"}"#),
        (#"{"msgid":"CAQQ_x="}"#, #"{"msgid":"CAQQ_x="}"#),
        // A recall follows its target.
        (
            #"{"revoke":{"pre_msgid":"73_1741571101223_external"}}"#,
            #"{"revoke":{"pre_msgid":"73_1741571201223_external"}}"#
        ),
        (#"{"agree":{"agree_time":1741571011456}}"#, #"{"agree":{"agree_time":1741571111456}}"#),
        (
            #"{"action":"switch","time":1741572400123,"user":"x"}"#,
            #"{"action":"switch","time":1741572500123,"user":"x"}"#
        ),
        (
            #"{"meeting":{"starttime":1741658400,"meetingid":13390228714406623987}}"#,
            #"{"meeting":{"starttime":1741658500,"meetingid":13390228714406623987}}"#
        ),
        (#"{"collect":{"create_time":"2025-03-10 23:59:51"}}"#, #"{"collect":{"create_time":"2025-03-11 00:01:31"}}"#),
        // Times inside a merged forward, two levels deep.
        (
            #"{"item":[{"msgtime":1741570900,"content":"{\"item\":[{\"msgtime\":1741570100,\"content\":\"a/b\"}]}"}]}"#,
            #"{"item":[{"msgtime":1741571000,"content":"{\"item\":[{\"msgtime\":1741570200,\"content\":\"a/b\"}]}"}]}"#
        ),
        // Words that look like something else, and odd spacing, stay as they are.
        (
            #"{"text": {"content":"msgtime 1741571101102, {不是 JSON"} }"#,
            #"{"text": {"content":"msgtime 1741571101102, {不是 JSON"} }"#
        ),
        (#"{"content":"\"msgtime\":1741571101102"}"#, #"{"content":"\"msgtime\":1741571101102"}"#),
        (
            #"{"msgtime":null,"filesize":"32768","play_length":6}"#,
            #"{"msgtime":null,"filesize":"32768","play_length":6}"#
        ),
        (#"{"msgtime":9223372036854775807}"#, #"{"msgtime":9223372036854775807}"#),
        ("not json", "not json"),
        (#"{"msgtime":1741571101102"#, #"{"msgtime":1741571201102"#),
        (#"{"msgid":"unfinished"#, #"{"msgid":"unfinished"#),
    ]

    @Test(arguments: cases) func everyTimeMovesAndNothingElse(_ before: String, _ after: String) {
        #expect(moved(before) == after)
    }

    @Test func theLastMessageIsLessThanASecondBeforeNow() {
        for now in [1_741_571_101_999, 1_741_999_999_001, 1_700_000_000_500] as [Int64] {
            let latest: Int64 = 1_741_571_101_102
            let moved = latest + SampleShift(latestMilliseconds: latest, nowMilliseconds: now).seconds * 1000
            #expect(moved <= now && moved > now - 1000)
        }
    }

    @Test func theTimeOfAMessageIsReadInMilliseconds() {
        #expect(SampleShift.messageTime(Array(#"{"msgtime":1741571101}"#.utf8)) == 1_741_571_101_000)
        #expect(SampleShift.messageTime(Array(#"{"a":{"msgtime":5},"time":1741572400123}"#.utf8)) == 1_741_572_400_123)
        #expect(SampleShift.messageTime(Array("[]".utf8)) == nil)
    }
}
