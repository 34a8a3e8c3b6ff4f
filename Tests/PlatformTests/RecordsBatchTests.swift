import Records
import Testing

/// Records written into memory they share come out as they went in.
@Suite("Records: batches") struct RecordsBatchTests {
    private static let records: [OutgoingRecord] = [
        OutgoingRecord(topic: "a", key: [1, 2], value: [3], headers: [Header("h", [4]), Header("n", nil)]),
        OutgoingRecord(topic: "a", key: nil, value: [5, 6, 7], headers: [Header("h", [4]), Header("n", nil)]),
        OutgoingRecord(topic: "a", partition: 3, key: [], value: nil),
        OutgoingRecord(topic: "b", key: [8], value: [], number: SourceNumber(source: "s/1", sequence: -5)),
        OutgoingRecord(topic: "b", key: [9], value: [9], number: SourceNumber(source: "s/1", sequence: 6)),
        OutgoingRecord(topic: "b", key: [9], value: [9], number: SourceNumber(source: "s/2", sequence: 6)),
    ]

    @Test func nullAndEmptyStayApartAndNothingIsMixedUp() {
        let batch = OutgoingBatch(Self.records)
        #expect(Array(batch) == Self.records)
        #expect(batch.routes.map(\.topic) == ["a", "a", "b"])
        #expect(batch.sources == ["s/1", "s/2"])
    }

    @Test func aSelectionKeepsItsOrderAndLeavesTheBatchAlone() {
        let batch = OutgoingBatch(Self.records)
        var selected = batch.selecting([4, 0])
        selected.number(1, source: selected.add(source: "t"), sequence: 1)
        #expect(selected.map(\.key) == [[9], [1, 2]])
        #expect(selected.map(\.number?.source) == ["s/1", "t"])
        #expect(Array(batch) == Self.records)
    }
}
