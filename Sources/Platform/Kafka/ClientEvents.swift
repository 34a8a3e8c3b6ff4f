internal import CLibrdkafka
internal import Logging
internal import Synchronization

/// Turns a client's log and error events into log lines: reachability once per change, everything else at `debug`.
struct ClientEvents: Sendable {
    private final class Reachability: Sendable {
        let isReachable = Atomic(true)
    }

    let logger: Logger
    /// Whether a broker answered last; `true` before any had reason to.
    var isReachable: Bool { reachability.isReachable.load(ordering: .relaxed) }
    private let reachability = Reachability()

    init(logger: Logger) {
        self.logger = logger
    }

    /// Logs an event of type log, error or statistics; does nothing for others.
    func log(_ event: borrowing Event) {
        switch event.type {
        case RD_KAFKA_EVENT_LOG:
            var facility: UnsafePointer<CChar>?
            var text: UnsafePointer<CChar>?
            var level: Int32 = 0
            guard unsafe rd_kafka_event_log(event.pointer, &facility, &text, &level) == 0 else { return }
            logger.debug(
                "librdkafka says",
                metadata: [
                    "kafka.facility": "\(unsafe facility.map { unsafe String(cString: $0) } ?? "")",
                    "kafka.text": "\(unsafe text.map { unsafe String(cString: $0) } ?? "")",
                ])
        case RD_KAFKA_EVENT_ERROR:
            guard let error = event.error else { return }
            if error.code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN.rawValue {
                if reachability.isReachable.exchange(false, ordering: .relaxed) {
                    logger.warning("No Kafka broker can be reached", metadata: ["kafka.error": "\(error)"])
                }
            } else if error.isFatal || error.isAuthorizationFailure
                || error.code == RD_KAFKA_RESP_ERR__AUTHENTICATION.rawValue
            {
                logger.error("The Kafka client reports an error", metadata: ["kafka.error": "\(error)"])
            } else {
                logger.debug("The Kafka client reports an error", metadata: ["kafka.error": "\(error)"])
            }
        default:
            break
        }
    }

    /// Something came from a broker.
    func brokerAnswered() {
        guard !reachability.isReachable.load(ordering: .relaxed) else { return }
        if !reachability.isReachable.exchange(true, ordering: .relaxed) {
            logger.notice("Kafka answers again")
        }
    }
}
