import ArgumentParser
import Contracts
import Foundation
import Kafka

/// `scrm lanes reset`.
struct LanesResetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Let a worker go on with a re-created topic or a restored database.",
        discussion: """
            A lane stands still when its stored offset is not in its topic: retention took records, the topic was made anew
            or is another cluster's. Stop the worker, decide where it goes on, and start it again. The numbers of what it
            publishes jump ahead, so that nobody takes its new records for old ones. What is waiting in its outbox is
            published once more under new numbers.

            Do it too after the worker's database was restored from a backup, with --offsets kept. Lanes that the backup
            does not know are made and begin with the first record that is there; so are all lanes of a database that was
            lost and made anew by `scrm migrate`. The new numbers follow the clock of this machine: let it be right.

            Exit codes: 0 done; 1 copies of the worker are alive, or an offset can't be kept; nothing was changed then.

            Example: scrm lanes reset archive-ingest --offsets earliest
            """)

    @Argument(help: "The worker, as sensitive-word-monitor.")
    var worker: String
    @Option(help: "Where to go on: kept, earliest (the first record that is there) or latest (only new ones).")
    var offsets: LaneReset.Choice = .kept
    @Option(name: .customLong("lane"), help: ArgumentHelp("Only this lane; repeatable.", valueName: "number"))
    var lanes: [Int32] = []
    @Flag(
        help:
            "Do it although copies of the worker are alive. They lose the lanes at their next record and take them again."
    )
    var force = false
    @OptionGroup var options: OperatorOptions

    struct Report: Encodable {
        struct Position: Encodable {
            var topic: String
            var lane: Int32
            /// Left out for a lane that the database did not know.
            var from: Int64?
            var to: Int64
        }

        var worker: String
        var clusterId: String
        var lanes: [Int32]
        var positions: [Position]
    }

    func run() async throws {
        let schema = try Schema(worker: worker)
        let settings = try options.settings(needs: [.kafka, .database])
        let (cluster, reset) = try await FleetDatabases.with(settings) { databases in
            try await Cluster.with(settings) { cluster in
                if !force { try await refuseWhileAlive(schema, databases) }
                let clusterID = try await cluster.admin.metadata().clusterID ?? ""
                let reset = try await plan(schema, databases, cluster, settings.namespace)
                try await LaneResetStore(databases: databases, schema: schema).perform(
                    reset, clusterID: clusterID,
                    numbers: LaneResetStore.numbers(atSeconds: Int64(Date().timeIntervalSince1970)))
                return (clusterID, reset)
            }
        }
        let report = Report(
            worker: schema.program, clusterId: cluster, lanes: reset.lanes,
            positions: reset.positions.map { .init(topic: $0.topic, lane: $0.lane, from: $0.from, to: $0.to) })
        try options.console.report(report, text: reset.text(worker: schema.program))
    }

    private func refuseWhileAlive(_ schema: Schema, _ databases: FleetDatabases) async throws {
        let copies = try await Heartbeat.live(schema, databases)
        if copies.isEmpty { return }
        throw OperatorFailure(
            .failure,
            "\(copies.count) copies of \(schema.program) are alive: \(copies.map(\.instance).joined(separator: ", "))",
            advice:
                "Stop them and wait \(Int(Heartbeat.freshSeconds)) seconds, or use --force. Nothing was changed.")
    }

    private func plan(
        _ schema: Schema, _ databases: FleetDatabases, _ cluster: Cluster, _ namespace: Namespace
    ) async throws -> LaneReset {
        let positions = try await PositionReader(databases: databases, cluster: cluster, namespace: namespace)
            .positions(of: schema)
        let stored = try await LaneResetStore(databases: databases, schema: schema).lanes()
        let all = LaneReset(stored: stored, positions: positions, offsets: offsets)
        if let unknown = lanes.first(where: { !all.lanes.contains($0) }) {
            throw OperatorFailure(
                .usage, "\(schema.program) has no lane \(unknown).",
                advice: "Its lanes are \(all.lanes.map(String.init).joined(separator: ", ")).")
        }
        let reset =
            lanes.isEmpty ? all : LaneReset(stored: stored, lanes: lanes, positions: positions, offsets: offsets)
        guard reset.refusals.isEmpty else {
            throw OperatorFailure(
                .failure, reset.refusals.joined(separator: "\n"),
                advice: "Choose --offsets earliest or latest. Nothing was changed.")
        }
        return reset
    }
}

extension LaneReset.Choice: ExpressibleByArgument {}
