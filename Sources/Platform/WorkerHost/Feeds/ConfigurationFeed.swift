import LaneStorage
package import Logging
import Metrics
import Records
import ServiceLifecycle
import Synchronization
package import WorkerRuntime

/// The compiled content of a compacted configuration topic, kept current while the worker runs.
///
/// Each record holds the whole validated value of its key. A value is compiled, then stored in the worker's schema, and
/// only then put in force; one that does not compile is refused with an error in the log and the last good one stays.
/// What is stored is in force when the topic cannot be read or was emptied; only a tombstone removes a key.
package final class ConfigurationFeed<Value: Sendable>: AnyConfigurationFeed {
    package typealias Compile = @Sendable (_ key: String, _ value: [UInt8]) throws -> Value

    package let kind: String
    package let topic: String

    private let state = Mutex(FeedState<Value>())
    private let allowsEmpty: Bool
    private let log: any FeedLog
    private let keeper: any SnapshotKeeper
    private let clock: any RuntimeClock
    private let logger: Logger
    private let compile: Compile

    /// How long the topic may take before stored values are used without it.
    private let patience: Duration = .seconds(10)

    /// - Parameters:
    ///   - kind: word for it in heartbeats, logs and `snapshots.kind`.
    ///   - allowsEmpty: ready as soon as the topic was read to its end, even if it held nothing.
    ///   - compile: pure; throws for an invalid value. The error's description is logged: it must quote no secrets.
    package init(
        kind: String, topic: String, allowsEmpty: Bool, log: any FeedLog, keeper: any SnapshotKeeper,
        clock: any RuntimeClock, logger: Logger, compile: @escaping Compile
    ) {
        self.kind = kind
        self.topic = topic
        self.allowsEmpty = allowsEmpty
        self.log = log
        self.keeper = keeper
        self.clock = clock
        self.compile = compile
        var logger = logger
        logger[metadataKey: LogKeys.feed] = "\(kind)"
        logger[metadataKey: LogKeys.topic] = "\(topic)"
        self.logger = logger
    }

    /// What is in force. Take it once per batch.
    package var current: FeedSnapshot<Value> { state.withLock(\.snapshot) }

    package var versions: [String: String] { current.versions }

    package var generation: Int { state.withLock(\.generation) }

    package var waitingFor: String? {
        state.withLock { $0.waitingFor(topic: topic, allowsEmpty: allowsEmpty) }
    }

    package func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await self.read() }
        } catch is CancellationError {
            // The one way this ends.
        }
    }

    private func read() async throws {
        // Everybody waits for PostgreSQL at the start, and the worker says so.
        let stored = try await persistently(complaining: .debug) { try await self.keeper.latest(kind: self.kind) }
        for snapshot in stored { adopt(snapshot, wasStored: true) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await self.clock.sleep(for: self.patience)
                self.giveUpWaiting()
            }
            try await log.follow { try await self.take($0) }
            group.cancelAll()
        }
    }

    private func take(_ step: FeedStep) async throws {
        switch step {
        case .begins: state.withLock { $0.begin() }
        case .record(let record):
            guard let key = record.key.flatMap({ String(validating: $0, as: UTF8.self) }) else {
                logger.error("Ignored a configuration record without a readable key.")
                return
            }
            try await perform(state.withLock { $0.received(key: key, value: record.value) })
        case .caughtUp:
            for step in state.withLock({ $0.caughtUp() }) { try await perform(step) }
            state.withLock { $0.follow() }
        case .unreachable(let reason):
            guard state.withLock({ $0.unreachable(reason) }) else { return }
            logger.warning(
                "The configuration topic cannot be read; trying on.", metadata: [LogKeys.reason: "\(reason)"])
        }
    }

    private func perform(_ step: FeedState<Value>.Step) async throws {
        switch step {
        case .none: break
        case .remove(let key):
            try await persistently { try await self.keeper.remove(kind: self.kind, key: key) }
            state.withLock { $0.removed(key) }
            logger.notice("A configuration was removed.", metadata: [LogKeys.feedKey: "\(key)"])
        case .adopt(let snapshot):
            guard let value = compiled(snapshot) else { return }
            try await persistently { try await self.keeper.save(kind: self.kind, snapshot) }
            state.withLock { $0.adopted(snapshot, as: value) }
            AllocatorTuning.giveBack()
            Counter(label: MetricNames.feedAdopted, dimensions: [("feed", kind)]).increment()
            logger.notice("A configuration is in force.", metadata: metadata(snapshot))
        }
    }

    private func adopt(_ snapshot: StoredSnapshot, wasStored: Bool) {
        guard let value = compiled(snapshot) else { return }
        state.withLock { $0.adopted(snapshot, as: value) }
        AllocatorTuning.giveBack()
        logger.info("A stored configuration is in force.", metadata: metadata(snapshot))
    }

    private func compiled(_ snapshot: StoredSnapshot) -> Value? {
        do {
            return try compile(snapshot.key, snapshot.value)
        } catch {
            Counter(label: MetricNames.feedRefused, dimensions: [("feed", kind)]).increment()
            var metadata = metadata(snapshot)
            metadata[LogKeys.error] = "\(error)"
            logger.error("A configuration was refused; the last good one stays in force.", metadata: metadata)
            return nil
        }
    }

    private func giveUpWaiting() {
        let fellBack = state.withLock { state in
            state.patienceIsOver()
            return !state.isCaughtUp && !state.snapshot.entries.isEmpty
        }
        if fellBack { logger.warning("The configuration topic has not been read yet; stored configuration is used.") }
    }

    /// Repeats `body` until it succeeds: the database may be away, and nothing may be in force that is not stored.
    private func persistently<Result: Sendable>(
        complaining level: Logger.Level = .warning, _ body: () async throws -> Result
    ) async throws -> Result {
        var attempts = 0
        while true {
            do {
                return try await body()
            } catch {
                try Task.checkCancellation()
                attempts += 1
                if attempts == 1 {
                    logger.log(
                        level: level, "Configuration cannot be stored or read back; trying on.",
                        metadata: [LogKeys.error: "\(error)"])
                }
                try await clock.sleep(for: .milliseconds(min(5000, 250 * attempts)))
            }
        }
    }

    private func metadata(_ snapshot: StoredSnapshot) -> Logger.Metadata {
        [LogKeys.feedKey: "\(snapshot.key)", LogKeys.version: "\(snapshot.version)"]
    }
}
