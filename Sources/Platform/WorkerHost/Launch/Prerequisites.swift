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
    private let obstacle: Mutex<Obstacle?>

    /// What is missing.
    struct Obstacle: Sendable {
        /// In a sentence.
        var reason: String
        /// Everything else is there, and an operator must apply it.
        var isConfiguration = false
        /// Uptime when it was first missed.
        var since: Duration
    }

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
        obstacle = Mutex(Obstacle(reason: "starting", since: clock.uptime))
    }

    /// What is missing, in a sentence; `nil` once ``wait()`` is over.
    var missing: String? { obstacle.withLock { $0?.reason } }

    /// The configuration that is missing, if nothing but a configuration is.
    var missingConfiguration: Obstacle? { obstacle.withLock { $0.flatMap { $0.isConfiguration ? $0 : nil } } }

    /// Returns when everything is there. Says what it waits for, once per change.
    func wait() async throws {
        while let now = try await lookAround() {
            try Task.checkCancellation()
            let changed = obstacle.withLock { obstacle in
                guard obstacle?.reason != now.reason else { return false }
                obstacle = now
                return true
            }
            if changed {
                logger.warning("Waiting before the first record.", metadata: [LogKeys.reason: "\(now.reason)"])
            }
            try await clock.sleep(for: .milliseconds(250))
        }
        obstacle.withLock { $0 = nil }
    }

    private func lookAround() async throws -> Obstacle? {
        if let trouble = try await outage() { return Obstacle(reason: trouble, since: clock.uptime) }
        return feeds.lazy.compactMap(\.waitingFor).first.map {
            Obstacle(reason: $0, isConfiguration: true, since: clock.uptime)
        }
    }

    private func outage() async throws -> String? {
        do {
            try await pool.execute("SELECT FROM \(schema).lanes, \(schema).requests LIMIT 0")
        } catch let error as PostgresError {
            return Self.sentence(error, schema: schema)
        } catch {
            return "PostgreSQL cannot be used: \(type(of: error))"
        }
        return try await topics()
    }

    private static func sentence(_ error: PostgresError, schema: String) -> String {
        switch error.sqlState?.rawValue {
        case "42P01", "3F000": "the tables of schema \(schema) are missing or old: run `scrm migrate`"
        case "42501": "this role may not use schema \(schema): log in as the worker's role"
        default: error.description
        }
    }
}
