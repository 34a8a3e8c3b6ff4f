package import ArgumentParser
import Contracts
import WorkerHost

/// `scrm lag`.
package struct LagCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "lag", abstract: "How far each worker is behind, and whether more copies would help.",
        discussion: """
            Records: between the offsets in the worker's schema and the ends of its topics. Seconds: the age of the oldest
            record that waits, as the copies last said.

            Example: scrm lag --json
            """)

    @Option(help: ArgumentHelp("Only this worker.", valueName: "name"))
    var worker: String?
    @OptionGroup var options: OperatorOptions

    package init() {}

    package func run() async throws {
        let schemas = try worker.map { [try Schema(worker: $0)] } ?? Schema.pipeline
        let settings = try options.settings(needs: [.kafka, .database])
        let reports = try await FleetDatabases.with(settings) { databases in
            try await Cluster.with(settings) { cluster in
                var reports: [LagReport] = []
                for schema in schemas {
                    reports.append(LagReport(try await load(schema, databases, cluster, settings)))
                }
                return reports
            }
        }
        try options.console.report(reports, text: LagReport.text(reports))
    }

    private func load(
        _ schema: Schema, _ databases: FleetDatabases, _ cluster: Cluster, _ settings: OperatorSettings
    ) async throws -> WorkerLoad {
        let positions = try await PositionReader(
            databases: databases, cluster: cluster, namespace: settings.namespace
        ).positions(of: schema)
        return WorkerLoad(
            worker: schema.program, heartbeats: try await Heartbeat.live(schema, databases),
            partitions: positions.map(\.watermarks.count).max() ?? 0, lagRecords: positions.reduce(0) { $0 + $1.lag })
    }
}

extension WorkerLoad {
    /// Puts together what the live copies say. Pure.
    package init(worker: String, heartbeats: [Heartbeat], partitions: Int, lagRecords: Int64?) {
        let statuses = heartbeats.map(\.status)
        // Stage seconds are those of all lanes together, so their share is of the lanes' time, not of the clock's.
        var spent: [Stage: Double] = [:]
        for status in statuses {
            for (name, seconds) in status.stageSeconds {
                if let stage = Stage(rawValue: name) { spent[stage, default: 0] += seconds }
            }
        }
        let total = spent.values.reduce(0, +)
        self.init(
            worker: worker, copies: heartbeats.count, partitions: partitions, lagRecords: lagRecords,
            lagSeconds: lagRecords == 0 ? 0 : statuses.map(\.lagSeconds).max(),
            shares: total > 0 ? spent.mapValues { $0 / total } : [:],
            waitingFor: Set(statuses.compactMap { $0.state == "waiting" ? $0.waitingFor : nil }).sorted()
                + statuses.flatMap { $0.refusedLanes.map { "lane \($0.key): \($0.value)" } }.sorted())
    }
}
