internal import CLibrdkafka

/// Owns a `rd_kafka_t`; destroyed with the last reference.
///
/// `rd_kafka_destroy` blocks until librdkafka's threads have ended, so the last reference belongs to a client's event
/// thread or to a blocking call, never to a task.
@safe final class KafkaHandle: @unchecked Sendable {
    // Sendable: librdkafka's functions on a `rd_kafka_t` may be called from any thread (INTRODUCTION.md, "Threads and
    // callbacks"); the pointer itself never changes.
    let pointer: OpaquePointer

    init(adopting pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
    }

    deinit {
        unsafe rd_kafka_destroy(pointer)
    }

    /// A number of the client's configuration; 0 if there is none by this name.
    func number(_ property: String) -> Int {
        var text = [CChar](repeating: 0, count: 64)
        var size = text.count
        guard unsafe rd_kafka_conf_get(rd_kafka_conf(pointer), property, &text, &size) == RD_KAFKA_CONF_OK else {
            return 0
        }
        return Int(ClientConfiguration.string(text)) ?? 0
    }

    /// The client's unrecoverable error, if it has one.
    var fatalError: KafkaError? {
        var text = [CChar](repeating: 0, count: 512)
        let code = unsafe rd_kafka_fatal_error(pointer, &text, text.count)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return KafkaError(code, text: ClientConfiguration.string(text), isFatal: true)
    }
}
