internal import CLibrdkafka
internal import Synchronization

/// Owns a `rd_kafka_topic_t`.
@safe final class TopicHandle: @unchecked Sendable {
    // Sendable: librdkafka's topic objects are reference counted and guarded by it.
    let pointer: OpaquePointer
    /// Topics must be destroyed before their client.
    private let client: KafkaHandle

    /// - Throws: the error of a name that can't be a topic's.
    init(_ client: KafkaHandle, _ name: String) throws(KafkaError) {
        guard let topic = unsafe rd_kafka_topic_new(client.pointer, name, nil) else {
            throw KafkaError(rd_kafka_last_error())
        }
        unsafe pointer = topic
        self.client = client
    }

    deinit {
        unsafe rd_kafka_topic_destroy(pointer)
    }
}

/// A producer's topics by name, each looked up once: librdkafka's own search takes the client's lock for every record.
final class TopicHandles: Sendable {
    private let client: KafkaHandle
    private let handles = Mutex<[String: TopicHandle]>([:])

    init(_ client: KafkaHandle) {
        self.client = client
    }

    func handle(of name: String) throws(KafkaError) -> TopicHandle {
        let client = client
        return try handles.withLock { (handles) throws(KafkaError) in
            if let handle = handles[name] { return handle }
            let handle = try TopicHandle(client, name)
            handles[name] = handle
            return handle
        }
    }
}

/// Topics met in one batch: few, so that a look at each is cheaper than a lock and a dictionary.
@safe struct KnownTopics {
    private let handles: TopicHandles
    private var known: [(name: String, handle: TopicHandle)] = []

    init(_ handles: TopicHandles) {
        self.handles = handles
    }

    mutating func pointer(of name: String) throws(KafkaError) -> OpaquePointer {
        for topic in known where topic.name == name { return unsafe topic.handle.pointer }
        let handle = try handles.handle(of: name)
        known.append((name, handle))
        return unsafe handle.pointer
    }
}
