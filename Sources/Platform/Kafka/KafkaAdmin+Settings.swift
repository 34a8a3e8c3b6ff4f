internal import CLibrdkafka

/// A topic's setting as the broker has it.
package struct TopicSetting: Sendable, Hashable {
    package var name: String
    /// `nil` when the broker keeps it secret.
    package var value: String?
    /// Nobody has set it for this topic; the broker's own value counts.
    package var isInherited: Bool

    package init(name: String, value: String?, isInherited: Bool) {
        self.name = name
        self.value = value
        self.isInherited = isInherited
    }

    /// The whole list a topic must be given so that only `changes` change.
    ///
    /// librdkafka 2.0.2 has no incremental change: what is left out falls back to the broker's own value.
    package static func complete(_ changes: [String: String], over current: [TopicSetting]) -> [String: String] {
        var settings: [String: String] = [:]
        for setting in current where !setting.isInherited {
            settings[setting.name] = setting.value
        }
        return settings.merging(changes) { $1 }
    }
}

extension KafkaAdmin {
    /// The settings of each topic.
    /// - Throws: also when one of the topics can't be described.
    package func describeSettings(topics: [String]) async throws -> [String: [TopicSetting]] {
        if topics.isEmpty { return [:] }
        return try await request(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, answer: RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT) {
            request throws(KafkaError) in
            var list = unsafe topics.map { unsafe rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, $0) }
            defer { unsafe rd_kafka_ConfigResource_destroy_array(&list, list.count) }
            return try unsafe request.run { options, queue in
                unsafe rd_kafka_DescribeConfigs(request.client.pointer, &list, list.count, options, queue)
            } decode: { event throws(KafkaError) in
                var count = 0
                let resources = unsafe rd_kafka_DescribeConfigs_result_resources(
                    rd_kafka_event_DescribeConfigs_result(event), &count)
                var settings: [String: [TopicSetting]] = [:]
                for index in 0..<count {
                    guard let resource = unsafe resources?[index] else { continue }
                    let name = try unsafe checkedName(of: resource)
                    settings[name] = unsafe settingsOf(resource)
                }
                return settings
            }
        }
    }

    /// Changes these settings of one topic and keeps its other ones.
    package func alterSettings(topic: String, _ changes: [String: String]) async throws {
        let current = try await describeSettings(topics: [topic])[topic, default: []]
        let complete = TopicSetting.complete(changes, over: current)
        try await request(RD_KAFKA_ADMIN_OP_ALTERCONFIGS, answer: RD_KAFKA_EVENT_ALTERCONFIGS_RESULT) {
            request throws(KafkaError) in
            var list = unsafe [rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic)]
            defer { unsafe rd_kafka_ConfigResource_destroy_array(&list, list.count) }
            for (name, value) in complete {
                try KafkaError.check(unsafe rd_kafka_ConfigResource_set_config(list[0], name, value))
            }
            try unsafe request.run { options, queue in
                unsafe rd_kafka_AlterConfigs(request.client.pointer, &list, list.count, options, queue)
            } decode: { event throws(KafkaError) in
                var count = 0
                let resources = unsafe rd_kafka_AlterConfigs_result_resources(
                    rd_kafka_event_AlterConfigs_result(event), &count)
                for index in 0..<count {
                    if let resource = unsafe resources?[index] { _ = try unsafe checkedName(of: resource) }
                }
            }
        }
    }
}

private func checkedName(of resource: OpaquePointer) throws(KafkaError) -> String {
    let code = unsafe rd_kafka_ConfigResource_error(resource)
    if code != RD_KAFKA_RESP_ERR_NO_ERROR {
        let text = unsafe rd_kafka_ConfigResource_error_string(resource).map { unsafe String(cString: $0) }
        throw KafkaError(code, text: text)
    }
    return unsafe rd_kafka_ConfigResource_name(resource).map { unsafe String(cString: $0) } ?? ""
}

private func settingsOf(_ resource: OpaquePointer) -> [TopicSetting] {
    var count = 0
    let entries = unsafe rd_kafka_ConfigResource_configs(resource, &count)
    return (0..<count).compactMap { index in
        guard let entry = unsafe entries?[index], let name = unsafe rd_kafka_ConfigEntry_name(entry) else { return nil }
        return TopicSetting(
            name: unsafe String(cString: name),
            value: unsafe rd_kafka_ConfigEntry_value(entry).map { unsafe String(cString: $0) },
            isInherited: unsafe rd_kafka_ConfigEntry_source(entry) != RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG)
    }
}
