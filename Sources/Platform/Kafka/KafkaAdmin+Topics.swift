internal import CLibrdkafka

/// A topic to be made.
package struct NewTopic: Sendable, Hashable {
    package var name: String
    package var partitions: Int32
    /// -1: the broker's default.
    package var replicationFactor: Int32
    /// Settings in the broker's words, for example `retention.ms`.
    package var configuration: [String: String]

    package init(
        name: String, partitions: Int32, replicationFactor: Int32 = -1, configuration: [String: String] = [:]
    ) {
        self.name = name
        self.partitions = partitions
        self.replicationFactor = replicationFactor
        self.configuration = configuration
    }
}

extension KafkaAdmin {
    /// Creates the topics and waits until the controller has.
    /// - Returns: the error of each topic that was not created (for example, it was there already).
    package func createTopics(_ topics: [NewTopic]) async throws -> [String: KafkaError] {
        if topics.isEmpty { return [:] }
        return try await request(RD_KAFKA_ADMIN_OP_CREATETOPICS, answer: RD_KAFKA_EVENT_CREATETOPICS_RESULT) {
            request throws(KafkaError) in
            var list = unsafe [OpaquePointer?]()
            defer { unsafe rd_kafka_NewTopic_destroy_array(&list, list.count) }
            for topic in topics { unsafe list.append(try makeNewTopic(topic)) }
            return try unsafe request.run { options, queue in
                unsafe rd_kafka_CreateTopics(request.client.pointer, &list, list.count, options, queue)
            } decode: { event in
                var count = 0
                let results = unsafe rd_kafka_CreateTopics_result_topics(
                    rd_kafka_event_CreateTopics_result(event), &count)
                return unsafe topicErrors(results, count)
            }
        }
    }

    /// Deletes the topics with all their records.
    /// - Returns: the error of each topic that was not deleted.
    package func deleteTopics(_ names: [String]) async throws -> [String: KafkaError] {
        if names.isEmpty { return [:] }
        return try await request(RD_KAFKA_ADMIN_OP_DELETETOPICS, answer: RD_KAFKA_EVENT_DELETETOPICS_RESULT) {
            request throws(KafkaError) in
            var list = unsafe names.map { unsafe rd_kafka_DeleteTopic_new($0) }
            defer { unsafe rd_kafka_DeleteTopic_destroy_array(&list, list.count) }
            return try unsafe request.run { options, queue in
                unsafe rd_kafka_DeleteTopics(request.client.pointer, &list, list.count, options, queue)
            } decode: { event in
                var count = 0
                let results = unsafe rd_kafka_DeleteTopics_result_topics(
                    rd_kafka_event_DeleteTopics_result(event), &count)
                return unsafe topicErrors(results, count)
            }
        }
    }

    /// Grows topics to these numbers of partitions. Moves keys of keyed topics to other partitions.
    /// - Returns: the error of each topic that was not changed.
    package func createPartitions(_ totals: [String: Int]) async throws -> [String: KafkaError] {
        if totals.isEmpty { return [:] }
        return try await request(RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, answer: RD_KAFKA_EVENT_CREATEPARTITIONS_RESULT) {
            request throws(KafkaError) in
            var list = unsafe [OpaquePointer?]()
            defer { unsafe rd_kafka_NewPartitions_destroy_array(&list, list.count) }
            for (name, total) in totals.sorted(by: { $0.key < $1.key }) {
                unsafe list.append(try makeNewPartitions(name, total: total))
            }
            return try unsafe request.run { options, queue in
                unsafe rd_kafka_CreatePartitions(request.client.pointer, &list, list.count, options, queue)
            } decode: { event in
                var count = 0
                let results = unsafe rd_kafka_CreatePartitions_result_topics(
                    rd_kafka_event_CreatePartitions_result(event), &count)
                return unsafe topicErrors(results, count)
            }
        }
    }
}

/// - Returns: an object the caller destroys.
private func makeNewTopic(_ topic: NewTopic) throws(KafkaError) -> OpaquePointer {
    var text = [CChar](repeating: 0, count: 512)
    guard
        let object = unsafe rd_kafka_NewTopic_new(
            topic.name, topic.partitions, topic.replicationFactor, &text, text.count)
    else {
        throw KafkaError(
            RD_KAFKA_RESP_ERR__INVALID_ARG, text: "topic \(topic.name): \(ClientConfiguration.string(text))")
    }
    for (name, value) in topic.configuration {
        let code = unsafe rd_kafka_NewTopic_set_config(object, name, value)
        if code != RD_KAFKA_RESP_ERR_NO_ERROR {
            unsafe rd_kafka_NewTopic_destroy(object)
            throw KafkaError(code, text: "topic \(topic.name): setting \(name)")
        }
    }
    return unsafe object
}

/// - Returns: an object the caller destroys.
private func makeNewPartitions(_ name: String, total: Int) throws(KafkaError) -> OpaquePointer {
    var text = [CChar](repeating: 0, count: 512)
    guard let object = unsafe rd_kafka_NewPartitions_new(name, total, &text, text.count) else {
        throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, text: "topic \(name): \(ClientConfiguration.string(text))")
    }
    return unsafe object
}

/// The topics whose part of a request failed.
private func topicErrors(
    _ results: UnsafeMutablePointer<OpaquePointer?>?, _ count: Int
) -> [String: KafkaError] {
    var errors: [String: KafkaError] = [:]
    for index in 0..<count {
        guard let result = unsafe results?[index], let name = unsafe rd_kafka_topic_result_name(result) else {
            continue
        }
        let code = unsafe rd_kafka_topic_result_error(result)
        if code == RD_KAFKA_RESP_ERR_NO_ERROR { continue }
        let text = unsafe rd_kafka_topic_result_error_string(result).map { unsafe String(cString: $0) }
        errors[unsafe String(cString: name)] = KafkaError(code, text: text)
    }
    return errors
}
