import Contracts
import FleetOperator
import Foundation
import Testing
import WorkerHost

struct OperatorFleetStateTests {
    /// As a worker's copy writes it.
    private func heartbeat(
        _ schema: Schema, _ instance: String, version: String?, waitingFor: String? = nil
    ) throws -> Heartbeat {
        let versions = version.map { #""rules":{"ww1/rules":"\#($0)"}"# } ?? ""
        let json = """
            {"worker":"\(schema.program)","instance":"\(instance)","host":"h","pid":1,
             "state":"\(waitingFor == nil ? "running" : "waiting")","waiting_for":\(waitingFor.map { "\"\($0)\"" } ?? "null"),
             "versions":{\(versions)},"lanes":[0,1],"refused_lanes":{},"lag_records":3,"lag_seconds":7.5,"records":10,
             "batches":2,"dead_letters":0,"duplicates":0,"rebalances":1,
             "stage_seconds":{"polling":1,"deciding":1,"database":6,"publishing":0,"waiting":2}}
            """
        return Heartbeat(
            schema: schema, instance: instance, ageSeconds: 1, runningSeconds: 60,
            status: try JSONDecoder().decode(StatusReport.self, from: Data(json.utf8)))
    }

    private func adoption(_ heartbeats: [Heartbeat]) -> Adoption {
        Adoption(
            kind: "rules", key: "ww1/rules", version: "new", users: [.monitor, .alerting], heartbeats: heartbeats)
    }

    @Test func aVersionIsAdoptedWhenEveryLiveCopyRunsIt() throws {
        let all = try adoption([
            heartbeat(.monitor, "a", version: "new"), heartbeat(.monitor, "b", version: "new"),
            heartbeat(.alerting, "c", version: "new"),
        ])
        #expect(all.isComplete && all.current == 3 && all.absent.isEmpty)
    }

    @Test func copiesWithAnotherVersionOrNoneAreNamedAsBehind() throws {
        let some = try adoption([
            heartbeat(.monitor, "a", version: "old"), heartbeat(.monitor, "b", version: nil),
            heartbeat(.archive, "not a user", version: "old"),
        ])
        #expect(!some.isComplete)
        #expect(some.behind.map(\.instance) == ["a", "b"])
        #expect(some.behind.map(\.version) == ["old", nil])
        #expect(some.absent == ["alert-notifier"])
    }

    @Test func theStatusOfTheRulesNamesCopiesThatAreBehind() throws {
        let applied = [RulesStatus.Applied(key: "ww1/rules", version: "new", summary: "rules: 1, words: 1")]
        let status = try RulesStatus(
            applied: applied,
            heartbeats: [
                heartbeat(.monitor, "a", version: "new"), heartbeat(.monitor, "b", version: "old"),
                heartbeat(.monitor, "c", version: nil, waitingFor: "the rules"),
            ])
        #expect(status.copies.map(\.isCurrent) == [true, false, false])
        #expect(!status.isCurrent)
        #expect(
            status.text == """
                ww1/rules version new: rules: 1, words: 1
                sensitive-word-monitor a ww1/rules runs it
                sensitive-word-monitor b ww1/rules runs old
                sensitive-word-monitor c ww1/rules has none yet, waits for the rules
                """)
        #expect(RulesStatus(applied: applied, heartbeats: []).isCurrent)
    }

    @Test func lagCountsFromTheStoredOffsetToTheEnd() {
        let position = TopicPosition(topic: "t", next: [0: 5, 1: 10], watermarks: [0: 2..<9, 1: 0..<10, 2: 3..<7])
        // Lane 2 has never stored an offset: everything kept waits.
        #expect(position.lag == 4 + 0 + 4)
        #expect(position.lost.isEmpty && position.beyondTheEnd.isEmpty)
    }

    @Test func offsetsOutsideWhatTheBrokerKeepsAreNoNegativeLag() {
        let position = TopicPosition(topic: "t", next: [0: 1, 1: 50], watermarks: [0: 4..<9, 1: 0..<10])
        #expect(position.lag == 5)
        #expect(position.lost == [0])
        #expect(position.beyondTheEnd == [1])
    }

    static let unfinished: [(DrainState.Worker, String)] = [
        (.init(worker: "w", copies: 0, lagRecords: 0, outbox: 0, deliveries: 0, waitingFor: nil), "w: no copy runs"),
        (.init(worker: "w", copies: 1, lagRecords: 7, outbox: 0, deliveries: 0, waitingFor: nil), "w: 7 records wait"),
        (
            .init(worker: "w", copies: 1, lagRecords: 0, outbox: 2, deliveries: 0, waitingFor: nil),
            "w: 2 decisions to publish"
        ),
        (
            .init(worker: "w", copies: 1, lagRecords: 0, outbox: 0, deliveries: 3, waitingFor: nil),
            "w: 3 deliveries open"
        ),
        (.init(worker: "w", copies: 1, lagRecords: 0, outbox: 0, deliveries: 0, waitingFor: "x"), "w: waits for x"),
    ]

    @Test(arguments: unfinished) func aWorkerWithSomethingLeftIsNotDrained(_ worker: DrainState.Worker, _ text: String)
    {
        #expect(!worker.isDone)
        #expect(worker.text == text)
        #expect(!DrainState(workers: [worker], expected: 1).isDone)
    }

    @Test func aFleetIsDrainedOnlyWhenEveryWorkerWasSeenDone() {
        let done = DrainState.Worker(worker: "w", copies: 1, lagRecords: 0, outbox: 0, deliveries: 0, waitingFor: nil)
        #expect(!DrainState(workers: [done], expected: 2).isDone)
        #expect(DrainState(workers: [done, done], expected: 2).isDone)
    }

    @Test func whatTheCopiesSayBecomesOneLoad() throws {
        let load = try WorkerLoad(
            worker: "w",
            heartbeats: [
                heartbeat(.monitor, "a", version: nil),
                heartbeat(.monitor, "b", version: nil, waitingFor: "the database"),
            ], partitions: 12, lagRecords: 3)
        #expect(load.copies == 2)
        #expect(load.lagSeconds == 7.5)
        #expect(load.shares[.database] == 0.6)
        #expect(load.waitingFor == ["the database"])
    }
}
