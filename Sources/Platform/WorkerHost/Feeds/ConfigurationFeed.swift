package import Logging
import ServiceLifecycle
import Synchronization

/// The compiled content of a compacted configuration topic, kept current while the worker runs.
///
/// Each record holds the whole validated value of its key. A value is compiled, then stored in the worker's schema, and
/// only then put in force; one that does not compile is refused with an error in the log and the last good one stays.
/// Stored values are in force from the start, so the worker runs while the topic is away or emptied; only a tombstone
/// removes a key.
package final class ConfigurationFeed<Value: Sendable>: AnyConfigurationFeed {
    package typealias Compile = @Sendable (_ key: String, _ value: [UInt8]) throws -> Value

    package let kind: String
    package let topic: String

    private struct State {
        var snapshot = FeedSnapshot<Value>()
        var isCaughtUp = false
        var trouble: String?
    }

    private let state = Mutex(State())
    private let allowsEmpty: Bool
    private let logger: Logger
    private let compile: Compile

    /// - Parameters:
    ///   - allowsEmpty: ready as soon as the topic was read to its end, even if it held nothing.
    ///   - compile: pure; throws for an invalid value. The error's description is logged, so it must not quote secrets.
    package init(
        kind: String, topic: String, allowsEmpty: Bool, logger: Logger, compile: @escaping Compile
    ) {
        self.kind = kind
        self.topic = topic
        self.allowsEmpty = allowsEmpty
        self.logger = logger
        self.compile = compile
    }

    /// What is in force. Take it once per batch.
    package var current: FeedSnapshot<Value> { state.withLock(\.snapshot) }

    package var versions: [String: String] { current.versions }

    package var isReady: Bool { waitingFor == nil }

    package var waitingFor: String? {
        state.withLock { state in
            if !state.snapshot.entries.isEmpty || (state.isCaughtUp && allowsEmpty) { return nil }
            return state.trouble ?? "no configuration in \(topic) yet; apply one with scrm"
        }
    }

    package func run() async throws {}
}
