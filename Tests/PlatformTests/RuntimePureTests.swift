import Logging
import Records
import Testing

@testable import WorkerRuntime

/// The parts that decide without touching anything.
struct RuntimePureTests {
    static let partition = TopicPartition(topic: "raw", partition: 3)

    @Test(arguments: [
        (next: Int64(10), expected: StartPosition.stored(10)),
        (next: 5, expected: .stored(5)),
        (next: 20, expected: .stored(20)),
        (next: 4, expected: .refused("raw[3]: next offset 4 is below the first one kept, 5: retention lost 1 records")),
        (next: 21, expected: .refused("raw[3]: next offset 21 is above the end, 20: another topic")),
    ])
    func storedOffsetMustLieInTheLog(next: Int64, expected: StartPosition) {
        let position = StartPosition.resolve(
            Self.partition, stored: LaneOffset(next: next, clusterID: "c"), watermarks: 5..<20, clusterID: "c",
            policy: .earliest)
        #expect(position == expected)
    }

    @Test func offsetOfAnotherClusterIsRefused() {
        let position = StartPosition.resolve(
            Self.partition, stored: LaneOffset(next: 10, clusterID: "old"), watermarks: 5..<20, clusterID: "new",
            policy: .earliest)
        #expect(position == .refused("raw[3]: stored offset 10 belongs to cluster old, this is new: another topic"))
    }

    @Test(arguments: [(StartPolicy.earliest, Int64(5)), (.latest, 20)])
    func newLaneBeginsWhereThePolicySays(policy: StartPolicy, expected: Int64) {
        let position = StartPosition.resolve(
            Self.partition, stored: nil, watermarks: 5..<20, clusterID: "c", policy: policy)
        #expect(position == .first(expected))
    }

    // MARK: Numbers

    @Test(arguments: [
        (source: "s", number: "11", expected: StreamFilter.Verdict.new),
        (source: "s", number: "10", expected: .seen),
        (source: "s", number: "9", expected: .seen),
        (source: "other", number: "0", expected: .new),
        (source: "s", number: "9223372036854775807", expected: .new),
        (source: "s", number: "9223372036854775808", expected: .malformed("source-seq is not a decimal Int64")),
        (source: "s", number: "-1", expected: .malformed("source-seq is not a decimal Int64")),
        (source: "s", number: "", expected: .malformed("source-seq is not a decimal Int64")),
        (source: "", number: "11", expected: .malformed("source is missing")),
        (
            source: "a\0b", number: "11",
            expected: .malformed("source is longer than 255 bytes or contains U+0000")
        ),
        (
            source: String(repeating: "s", count: 256), number: "11",
            expected: .malformed("source is longer than 255 bytes or contains U+0000")
        ),
        (source: String(repeating: "s", count: 255), number: "11", expected: .new),
    ])
    func numberIsComparedWithTheLastOfItsStream(source: String, number: String, expected: StreamFilter.Verdict) {
        var filter = StreamFilter(known: [StreamID(topic: "raw", source: "s"): 10])
        #expect(filter.admit(Self.record(source: source, number: number)) == expected)
    }

    @Test func recordWithoutNumbersIsNewAndOneWithHalfOfThemIsMalformed() {
        var filter = StreamFilter(known: [:])
        #expect(filter.admit(Record(topic: "raw", partition: 0, offset: 0)) == .new)
        let half = Record(topic: "raw", partition: 0, offset: 0, headers: [Header("source", text: "s")])
        #expect(filter.admit(half) == .malformed("source-seq is not a decimal Int64"))
        let invalid = Record(
            topic: "raw", partition: 0, offset: 0,
            headers: [Header("source", [0xff, 0xfe]), Header("source-seq", text: "1")])
        #expect(filter.admit(invalid) == .malformed("source is not UTF-8"))
    }

    @Test func interleavedStreamsKeepTheirOwnNumbers() {
        var filter = StreamFilter(known: [:])
        for (source, number) in [("a", "1"), ("b", "7"), ("a", "2"), ("b", "3"), ("a", "5"), ("c", "0")] {
            _ = filter.admit(Self.record(source: source, number: number))
        }
        let expected = ["a": Int64(5), "b": 7, "c": 0]
        #expect(filter.moved.count == 3)
        for (stream, last) in filter.moved { #expect(expected[stream.source] == last) }
    }

    private static func record(source: String, number: String) -> Record {
        Record(
            topic: "raw", partition: 0, offset: 0,
            headers: [Header("source", text: source), Header("source-seq", text: number)])
    }

    @Test func derivedRecordsAreNumberedInOrderOfTheirOriginWhateverTheHandlerDid() throws {
        func derived(_ offset: Int64, _ value: UInt8) -> DerivedRecord {
            DerivedRecord(
                origin: Self.partition, originOffset: offset, record: OutgoingRecord(topic: "out", value: [value]))
        }
        let numbered = try DerivedNumbering.number(
            [derived(7, 1), derived(6, 2), derived(7, 3)], bases: ["raw": LaneOffset(next: 0, base: 100, clusterID: "")]
        )
        #expect(numbered.map { $0.value ?? [] } == [[2], [1], [3]])
        #expect(
            numbered.map { String(decoding: $0.allHeaders.last?.value ?? [], as: UTF8.self) }
                == ["\(106 * 1024)", "\(107 * 1024)", "\(107 * 1024 + 1)"])
    }

    // MARK: Liveness

    @Test func workerIsStuckWhenItsRecordsWaitTooLongUnannounced() {
        var status = WorkerStatus()
        status.state = .running
        status.lanes[4] = .init(epoch: 1)
        #expect(status.liveness(now: .seconds(1_000)) == .alive)
        status.lanes[4]?.waitingSince = .seconds(100)
        #expect(status.liveness(now: .seconds(160)) == .alive)
        #expect(status.liveness(now: .seconds(161)) == .stuck(lanes: [4], reason: "records of the broker"))
        status.lanes[4]?.step = .deciding
        let deciding = status.liveness(now: .seconds(101), limit: .zero)
        #expect(deciding == .stuck(lanes: [4], reason: "the handler's decision"))
        status.lanes[4]?.announcedWaits[.batches] = .waitingForStore(reason: "away")
        #expect(status.liveness(now: .seconds(1_000)) == .alive)
    }

    /// Lag by lag, as it is measured every five seconds.
    private static func progress(of lags: [Int64], busy: Bool = false) -> WorkerProgress {
        let progress = WorkerProgress(worker: "test", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        progress.enter(.running)
        progress.took(LaneClaim(lane: 0, epoch: 1), again: false)
        if busy { progress.waits(lane: 0, now: .zero) }
        for (index, lag) in lags.enumerated() {
            progress.measured(lane: 0, lagRecords: lag, now: .seconds(5 * index), nowMilliseconds: 0)
        }
        return progress
    }

    @Test(
        arguments: [
            (lags: [0, 3, 0], busy: false, alive: true), (lags: [0, 3, 3], busy: false, alive: true),
            (lags: [0, 3, 3, 2], busy: false, alive: true), (lags: [0, 3, 6], busy: false, alive: false),
            (lags: [3, 3, 3], busy: true, alive: false), (lags: [3, 0], busy: true, alive: true),
        ] as [(lags: [Int64], busy: Bool, alive: Bool)])
    func onlyLagThatGrowsOrIsInHandMakesALaneStuck(lags: [Int64], busy: Bool, alive: Bool) {
        let status = Self.progress(of: lags, busy: busy).status
        #expect((status.liveness(now: .seconds(1_000)) == .alive) == alive)
    }

    /// A repetition on the wire would else be a second dead letter, and redriving both a second effect.
    @Test func aBuriedRecordHasBeenSeen() {
        let records = [("a", "5"), ("b", "7")].enumerated().map { index, stream in
            var record = Self.record(source: stream.0, number: stream.1)
            record.offset = Int64(index)
            return record
        }
        var batch = PreparedBatch<Int>(
            records[...], state: LaneState(claim: LaneClaim(lane: 0, epoch: 1)), numberedTopics: ["raw"]
        ) { record in record.offset == 0 ? 1 : nil }
        #expect(batch.streams.count == 2)
        batch.bury(reason: "rejected", detail: "", attempts: 1, key: [1], parks: true)
        #expect(batch.deadLetters.map(\.record.offset) == [0])
        #expect(batch.streams == [StreamID(topic: "raw", source: "a"): 5, StreamID(topic: "raw", source: "b"): 7])
        #expect(batch.parking == Parking(keys: [[1]]))
        #expect(batch.steps["raw"]?.to == 2)
    }

    @Test(arguments: [(1, 1, 2), (2, 1, 2), (3, 2, 2), (6, 5, 4), (20, 19, 18)])
    func aPoolLeavesRoomBesideTheBatches(connections: Int, transactions: Int, batches: Int) {
        let limits = WorkerLimits(connections: connections)
        #expect(limits.concurrentTransactions == transactions)
        #expect(limits.batchesInHand == batches)
    }

    @Test func pausesDoubleUpToTheirCeiling() {
        var backoff = Backoff(.milliseconds(100)...(.seconds(1)))
        let longest = (0..<6).map { _ in backoff.pause(random: .max) }
        #expect(longest.last.map { $0 > .milliseconds(990) && $0 <= .seconds(1) } == true)
        var again = Backoff(.milliseconds(100)...(.seconds(1)))
        #expect(again.pause(random: 0) == .milliseconds(50))
    }
}
