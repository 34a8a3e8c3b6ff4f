import Logging
import Postgres
import Synchronization
import WorkerRuntime

/// What must be there before a worker takes its first record: PostgreSQL with the worker's tables, its topics, and every
/// feed.
final class Prerequisites: Sendable {
    private let pool: PostgresPool
    private let schema: String
    private let feeds: [any AnyConfigurationFeed]
    private let topics: @Sendable () async throws -> String?
    private let clock: any RuntimeClock
    private let logger: Logger
    private let reason = Mutex<String?>("starting")

    /// - Parameter topics: what keeps the worker's topics from being used, in a sentence; `nil` when nothing does.
    init(
        pool: PostgresPool, schema: String, feeds: [any AnyConfigurationFeed],
        topics: @escaping @Sendable () async throws -> String?, clock: any RuntimeClock, logger: Logger
    ) {
        self.pool = pool
        self.schema = schema
        self.feeds = feeds
        self.topics = topics
        self.clock = clock
        self.logger = logger
    }

    /// What is missing, in a sentence; `nil` once ``wait()`` is over.
    var missing: String? { reason.withLock { $0 } }

    /// Returns when everything is there. Says what it waits for, once per change.
    func wait() async throws {
        while let now = try await lookAround() {
            try Task.checkCancellation()
            let changed = reason.withLock { reason in
                defer { reason = now }
                return reason != now
            }
            if changed { logger.warning("Waiting before the first record.", metadata: [LogKeys.reason: "\(now)"]) }
            try await clock.sleep(for: .milliseconds(250))
        }
        reason.withLock { $0 = nil }
    }

    private func lookAround() async throws -> String? {
        do {
            try await pool.execute("SELECT FROM \(schema).lanes, \(schema).requests LIMIT 0")
        } catch let error as PostgresError {
            return Self.sentence(error, schema: schema)
        } catch {
            return "PostgreSQL cannot be used: \(type(of: error))"
        }
        if let obstacle = try await topics() { return obstacle }
        return feeds.lazy.compactMap(\.waitingFor).first
    }

    private static func sentence(_ error: PostgresError, schema: String) -> String {
        switch error.sqlState?.rawValue {
        case "42P01", "3F000": "the tables of schema \(schema) are missing or old: run `scrm migrate`"
        case "42501": "this role may not use schema \(schema): log in as the worker's role"
        default: error.description
        }
    }
}
