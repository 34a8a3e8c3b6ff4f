import Contracts
import Postgres
import WorkerHost

/// Looks at the workers one after the other.
struct DrainLook {
    let databases: FleetDatabases
    let cluster: Cluster
    let namespace: Namespace

    /// Stops at the first worker that isn't done: what follows will get more from it.
    func state(of schemas: [Schema]) async throws -> DrainState {
        var state = DrainState(workers: [], expected: schemas.count)
        for schema in schemas {
            let worker = try await worker(schema)
            state.workers.append(worker)
            if !worker.isDone { break }
        }
        return state
    }

    private func worker(_ schema: Schema) async throws -> DrainState.Worker {
        let heartbeats = try await Heartbeat.live(schema, databases)
        let positions = try await PositionReader(databases: databases, cluster: cluster, namespace: namespace)
            .positions(of: schema)
        let outbox = try await count(schema, "SELECT count(*) FROM \(schema.rawValue).outbox")
        var deliveries: Int64 = 0
        if let open = Self.open(schema) { deliveries = try await count(schema, open) }
        return DrainState.Worker(
            worker: schema.program, copies: heartbeats.count, lagRecords: positions.reduce(0) { $0 + $1.lag },
            outbox: outbox, deliveries: deliveries,
            waitingFor: heartbeats.first { $0.status.state == "waiting" }?.status.waitingFor)
    }

    /// Counts what the worker still has to tell somebody. What waits for the morning, for the daily summary or for a
    /// later hour is where it should be.
    private static func open(_ schema: Schema) -> String? {
        switch schema {
        case .alerting:
            """
            SELECT count(*) FROM alerting.deliveries WHERE state IN ('pending', 'claimed')
                AND NOT (state = 'pending' AND attempts = 0 AND next_attempt_at > now())
            """
        case .campaigns:
            """
            SELECT count(*) FROM campaigns.touches
            WHERE state IN ('ready', 'claimed') OR state = 'planned' AND next_at <= now()
            """
        default: nil
        }
    }

    private func count(_ schema: Schema, _ sql: String) async throws -> Int64 {
        let rows = try await databases.query(schema, sql)
        return try rows[0].decode(Int64.self, at: 0)
    }
}
