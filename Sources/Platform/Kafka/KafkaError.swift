internal import CLibrdkafka

/// An error of librdkafka or of the broker.
///
/// Its text names topics, partitions, hosts and codes; never record contents or settings marked secret.
package struct KafkaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// librdkafka's number: negative for errors of the client, positive for errors of the broker.
    package var code: Int32
    /// The code's name without prefix, for example `_TRANSPORT` or `OFFSET_OUT_OF_RANGE`.
    package var name: String
    package var text: String
    /// The client instance is unusable from now on and must be made anew.
    package var isFatal: Bool
    /// The same request may succeed later.
    package var isRetriable: Bool

    package init(code: Int32, name: String, text: String, isFatal: Bool = false, isRetriable: Bool = false) {
        self.code = code
        self.name = name
        self.text = text
        self.isFatal = isFatal
        self.isRetriable = isRetriable
    }

    package var description: String { "\(name): \(text)" }

    /// The broker (for example, the development broker) does not offer this request.
    package var isUnsupportedByBroker: Bool {
        code == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE.rawValue
            || code == RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION.rawValue
    }

    /// The position is not, or no longer, in the partition.
    package var isOffsetOutOfRange: Bool {
        code == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE.rawValue
            || code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET.rawValue
    }

    /// The credentials lack a right on the topic, group or cluster.
    package var isAuthorizationFailure: Bool {
        [
            RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
            RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED,
        ].contains { $0.rawValue == code }
    }

    /// The broker refuses this very record (too large, or invalid); it will refuse it again.
    package var isRecordRefused: Bool {
        [
            RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE,
            RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_INVALID_MSG,
        ].contains { $0.rawValue == code }
    }

    package var isTopicAlreadyThere: Bool { code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS.rawValue }

    package var isUnknownTopic: Bool {
        [
            RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
            RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION,
        ].contains { $0.rawValue == code }
    }

    /// The client has been closed.
    package static let closed = KafkaError(RD_KAFKA_RESP_ERR__DESTROY, text: "the client has been closed")
}

extension KafkaError {
    init(_ code: rd_kafka_resp_err_t, text: String? = nil, isFatal: Bool = false) {
        let name = unsafe String(cString: rd_kafka_err2name(code))
        let standardText = unsafe String(cString: rd_kafka_err2str(code))
        self.init(
            code: code.rawValue, name: name, text: text ?? standardText, isFatal: isFatal,
            isRetriable: Self.isWorldsFault(code))
    }

    /// Takes over and destroys an error object; `nil` for none.
    init?(adopting error: OpaquePointer?) {
        guard let error = unsafe error else { return nil }
        defer { unsafe rd_kafka_error_destroy(error) }
        unsafe self.init(copying: error)
    }

    /// Copies an error object that stays librdkafka's.
    init(copying error: OpaquePointer) {
        self.init(
            unsafe rd_kafka_error_code(error), text: unsafe String(cString: rd_kafka_error_string(error)),
            isFatal: unsafe rd_kafka_error_is_fatal(error) != 0)
        isRetriable = unsafe isRetriable || rd_kafka_error_is_retriable(error) != 0
    }

    /// Throws unless the code says success.
    static func check(_ code: rd_kafka_resp_err_t) throws(KafkaError) {
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
    }

    /// Connection, leadership and load come and go; everything else stays until somebody changes something.
    private static func isWorldsFault(_ code: rd_kafka_resp_err_t) -> Bool {
        switch code {
        case RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__TIMED_OUT,
            RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, RD_KAFKA_RESP_ERR__WAIT_COORD,
            RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__QUEUE_FULL, RD_KAFKA_RESP_ERR__RETRY,
            RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, RD_KAFKA_RESP_ERR__FATAL,
            RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR__SSL, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
            RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED,
            RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
            RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
            RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
            RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
            RD_KAFKA_RESP_ERR_NOT_CONTROLLER, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
            RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH,
            RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH, RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED:
            true
        default:
            false
        }
    }
}
