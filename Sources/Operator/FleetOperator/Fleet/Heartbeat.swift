package import Contracts
import Foundation
import Postgres
package import WorkerHost

/// One copy of a worker, as it last reported.
package struct Heartbeat: Sendable, Equatable {
    package var schema: Schema
    package var instance: String
    /// Seconds since its last beat, by the database's clock.
    package var ageSeconds: Double
    /// Seconds it has been running.
    package var runningSeconds: Double
    package var status: StatusReport

    /// A copy that has not been heard of for longer is not counted: three beats of five seconds.
    package static let freshSeconds = 15.0

    package init(schema: Schema, instance: String, ageSeconds: Double, runningSeconds: Double, status: StatusReport) {
        self.schema = schema
        self.instance = instance
        self.ageSeconds = ageSeconds
        self.runningSeconds = runningSeconds
        self.status = status
    }

    /// The copies of a worker that are alive.
    static func live(_ schema: Schema, _ databases: FleetDatabases) async throws -> [Heartbeat] {
        let rows = try await databases.query(
            schema,
            """
            SELECT instance, extract(epoch FROM now() - beat_at)::float8, extract(epoch FROM beat_at - started_at)::float8,
                   status::text
            FROM \(schema.rawValue).heartbeats
            WHERE beat_at > now() - make_interval(secs => \(freshSeconds))
              AND status ->> 'state' IS DISTINCT FROM 'stopped'
            ORDER BY instance
            """)
        return try rows.map { row in
            let (instance, age, running, status) = try row.decode(String.self, Double.self, Double.self, String.self)
            do {
                return Heartbeat(
                    schema: schema, instance: instance, ageSeconds: age, runningSeconds: running,
                    status: try JSONDecoder().decode(StatusReport.self, from: Data(status.utf8)))
            } catch {
                throw OperatorFailure(
                    .failure,
                    "The heartbeat of \(schema.program) copy \(instance) has another shape than this scrm knows.",
                    advice: "Use the scrm that was built with the workers.")
            }
        }
    }
}
