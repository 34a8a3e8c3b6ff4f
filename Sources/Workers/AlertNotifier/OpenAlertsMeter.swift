import Alerting
import Contracts
package import Logging
import Metrics
package import Postgres
import ServiceLifecycle

/// Measures how many alerts are not resolved, by severity. Every copy measures all of them.
package struct OpenAlertsMeter: Service {
    private let pool: PostgresPool
    private let interval: Duration
    private let logger: Logger

    package init(pool: PostgresPool, interval: Duration = .seconds(15), logger: Logger) {
        self.pool = pool
        self.interval = interval
        self.logger = logger
    }

    package func run() async throws {
        // A graceful shutdown is no failure.
        try? await cancelWhenGracefulShutdown {
            while true {
                do {
                    try await measure()
                } catch let error as PostgresError where error != .cancelled {
                    logger.debug("Open alerts could not be counted", metadata: ["error": "\(error)"])
                }
                try await Task.sleep(for: interval)
            }
        }
    }

    private func measure() async throws {
        let rows = try await pool.execute(
            """
            SELECT severity, count(*) FROM alerting.alert_states WHERE state <> 'resolved' GROUP BY severity
            """)
        var counts: [Severity: Int64] = [:]
        for row in rows {
            if let severity = Severity(rawValue: Int(try row.decode(Int16.self, at: 0))) {
                counts[severity] = try row.decode(Int64.self, at: 1)
            }
        }
        for severity in Severity.allCases { NotifierMetrics.open(severity, counts[severity, default: 0]) }
    }
}
