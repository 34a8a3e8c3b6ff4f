import Kafka
import Records
import TestSupport
import Testing

@Suite struct KafkaRecordTests {
    struct OddRecord: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var key: [UInt8]?
        var value: [UInt8]?
        var headers: [Header] = []
    }

    static let oddRecords = [
        OddRecord(testDescription: "tombstone", key: [1], value: nil),
        OddRecord(testDescription: "empty value", key: [1], value: []),
        OddRecord(testDescription: "empty key", key: [], value: [1]),
        OddRecord(testDescription: "null key", key: nil, value: [1]),
        OddRecord(testDescription: "nothing at all", key: nil, value: nil),
        OddRecord(testDescription: "not UTF-8", key: [0, 0xFF, 0xC0], value: [0xFF, 0, 0xFE]),
        OddRecord(
            testDescription: "headers: null, empty, binary, repeated, empty name", key: [1], value: [1],
            headers: [
                Header("null", nil), Header("empty", []), Header("binary", [0, 0xFF]), Header("again", [1]),
                Header("again", [2]), Header("", [3]),
            ]),
        OddRecord(testDescription: "1 MB", key: [1], value: [UInt8](repeating: 0x41, count: 1 << 20)),
        // As long as it is, it does not compress to nothing: the broker's own limits would see it otherwise.
        OddRecord(
            testDescription: "8 MB", key: [1], value: (0..<(8 << 20)).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) }),
    ]

    @Test func everyOddRecordComesBackAsItWasSent() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("odd", maximumMessageBytes: 16 << 20)
        try await clients.produce(
            Self.oddRecords.map {
                OutgoingRecord(topic: topic, partition: 0, key: $0.key, value: $0.value, headers: $0.headers)
            })
        let received = try await clients.read(topic, count: Self.oddRecords.count)
        for (sent, record) in zip(Self.oddRecords, received) {
            #expect(record.key == sent.key, "\(sent.testDescription)")
            #expect(record.value == sent.value, "\(sent.testDescription)")
            #expect(record.headers == sent.headers, "\(sent.testDescription)")
            #expect(record.timestampMilliseconds != nil, "\(sent.testDescription)")
        }
        #expect(received.map(\.offset) == Array(0..<Int64(Self.oddRecords.count)))
        await broker.remove()
    }

    /// Hashes of Apache Kafka's `UtilsTest.testMurmur2`.
    @Test(arguments: [
        ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971), ("abc", 479_470_107),
    ])
    func aKeyGoesToThePartitionTheJavaClientWouldChoose(key: String, hash: Int) async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("murmur", partitions: 12)
        try await clients.produce([OutgoingRecord(topic: topic, key: Array(key.utf8), value: [1])])
        let expected = Int32((hash & 0x7FFF_FFFF) % 12)
        let admin = try clients.admin()
        let watermarks = try await admin.watermarks(of: TopicPartition(topic: topic, partition: expected))
        #expect(watermarks == 0..<1)
        await admin.close()
        await broker.remove()
    }
}
