internal import CLibrdkafka
internal import Records
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

/// The topics of a batch's routes, each looked for when its first record comes.
@safe struct RouteTopics {
    private let handles: TopicHandles
    private let routes: [OutgoingBatch.Route]
    private var known: [TopicHandle?]

    init(of records: OutgoingBatch, from handles: TopicHandles) {
        self.handles = handles
        routes = records.routes
        known = Array(repeating: nil, count: routes.count)
    }

    mutating func pointer(of route: Int) throws(KafkaError) -> OpaquePointer {
        if let handle = known[route] { return unsafe handle.pointer }
        let handle = try handles.handle(of: routes[route].topic)
        known[route] = handle
        return unsafe handle.pointer
    }
}
