internal import CLibrdkafka
package import Records

/// A consumer group as its coordinator describes it.
package struct GroupDescription: Sendable, Hashable {
    package var name: String
    /// In the broker's words, for example `Stable`.
    package var state: String
    package var members: [Member]

    package struct Member: Sendable, Hashable {
        package var id: String
        package var clientID: String
        package var host: String
        package var partitions: [TopicPartition]

        package init(id: String, clientID: String, host: String, partitions: [TopicPartition]) {
            self.id = id
            self.clientID = clientID
            self.host = host
            self.partitions = partitions
        }
    }

    package init(name: String, state: String, members: [Member]) {
        self.name = name
        self.state = state
        self.members = members
    }
}

extension KafkaAdmin {
    /// The names of all groups, sorted.
    package func listGroups() async throws -> [String] {
        try await request(
            RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS, answer: RD_KAFKA_EVENT_LISTCONSUMERGROUPS_RESULT
        ) { request throws(KafkaError) in
            try unsafe request.run { options, queue in
                unsafe rd_kafka_ListConsumerGroups(request.client.pointer, options, queue)
            } decode: { event throws(KafkaError) in
                let result = unsafe rd_kafka_event_ListConsumerGroups_result(event)
                var count = 0
                let groups = unsafe rd_kafka_ListConsumerGroups_result_valid(result, &count)
                let names = (0..<count).compactMap { index in
                    unsafe (groups?[index]).flatMap { unsafe rd_kafka_ConsumerGroupListing_group_id($0) }
                        .map { unsafe String(cString: $0) }
                }
                var errorCount = 0
                let errors = unsafe rd_kafka_ListConsumerGroups_result_errors(result, &errorCount)
                if names.isEmpty, errorCount > 0, let error = unsafe errors?[0] {
                    throw AdminRequest.explained(unsafe KafkaError(copying: error))
                }
                return names.sorted()
            }
        }
    }

    /// State and members of each group. A group that does not exist is described as dead, without members.
    package func describeGroups(_ names: [String]) async throws -> [GroupDescription] {
        if names.isEmpty { return [] }
        return try await request(
            RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, answer: RD_KAFKA_EVENT_DESCRIBECONSUMERGROUPS_RESULT
        ) { request throws(KafkaError) in
            let list = CStrings(names)
            return try unsafe request.run { options, queue in
                unsafe list.withPointers { pointers, count in
                    unsafe rd_kafka_DescribeConsumerGroups(request.client.pointer, pointers, count, options, queue)
                }
            } decode: { event throws(KafkaError) in
                var count = 0
                let groups = unsafe rd_kafka_DescribeConsumerGroups_result_groups(
                    rd_kafka_event_DescribeConsumerGroups_result(event), &count)
                var descriptions: [GroupDescription] = []
                for index in 0..<count {
                    guard let group = unsafe groups?[index] else { continue }
                    if let error = unsafe rd_kafka_ConsumerGroupDescription_error(group) {
                        throw AdminRequest.explained(unsafe KafkaError(copying: error))
                    }
                    descriptions.append(unsafe GroupDescription(copying: group))
                }
                return descriptions
            }
        }
    }

    /// The group's committed next offsets of these partitions; partitions without one are missing.
    package func committedOffsets(
        group: String, partitions: [TopicPartition]
    ) async throws -> [TopicPartition: Int64] {
        if partitions.isEmpty { return [:] }
        return try await request(
            RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, answer: RD_KAFKA_EVENT_LISTCONSUMERGROUPOFFSETS_RESULT
        ) { request throws(KafkaError) in
            let wanted = TopicPartitionList(
                Dictionary(partitions.map { ($0, Int64(RD_KAFKA_OFFSET_INVALID)) }) { $1 })
            var list = unsafe [rd_kafka_ListConsumerGroupOffsets_new(group, wanted.pointer)]
            defer { unsafe rd_kafka_ListConsumerGroupOffsets_destroy_array(&list, list.count) }
            return try unsafe request.run { options, queue in
                unsafe rd_kafka_ListConsumerGroupOffsets(request.client.pointer, &list, list.count, options, queue)
            } decode: { event throws(KafkaError) in
                var count = 0
                let groups = unsafe rd_kafka_ListConsumerGroupOffsets_result_groups(
                    rd_kafka_event_ListConsumerGroupOffsets_result(event), &count)
                guard count > 0, let result = unsafe groups?[0] else { return [:] }
                if let error = unsafe rd_kafka_group_result_error(result) {
                    throw AdminRequest.explained(unsafe KafkaError(copying: error))
                }
                return try committed(
                    unsafe TopicPartitionList.elements(of: rd_kafka_group_result_partitions(result)))
            }
        }
    }
}

/// What a group has committed, from the answer's elements: an absent offset is negative there.
func committed(_ elements: [TopicPartitionList.Element]) throws(KafkaError) -> [TopicPartition: Int64] {
    var offsets: [TopicPartition: Int64] = [:]
    for element in elements {
        if let error = element.error { throw error }
        if element.offset >= 0 { offsets[element.partition] = element.offset }
    }
    return offsets
}

extension GroupDescription {
    fileprivate init(copying group: OpaquePointer) {
        self.init(
            name: unsafe text(rd_kafka_ConsumerGroupDescription_group_id(group)),
            state: unsafe text(
                rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(group))),
            members: [])
        let count = unsafe rd_kafka_ConsumerGroupDescription_member_count(group)
        for index in 0..<count {
            guard let member = unsafe rd_kafka_ConsumerGroupDescription_member(group, index) else { continue }
            let partitions = unsafe rd_kafka_MemberDescription_assignment(member).flatMap {
                unsafe rd_kafka_MemberAssignment_partitions($0)
            }
            members.append(
                Member(
                    id: unsafe text(rd_kafka_MemberDescription_consumer_id(member)),
                    clientID: unsafe text(rd_kafka_MemberDescription_client_id(member)),
                    host: unsafe text(rd_kafka_MemberDescription_host(member)),
                    partitions: unsafe TopicPartitionList.elements(of: partitions).map(\.partition).sorted()))
        }
    }
}

private func text(_ pointer: UnsafePointer<CChar>?) -> String {
    unsafe pointer.map { unsafe String(cString: $0) } ?? ""
}

/// C strings for the length of one call.
private struct CStrings {
    private let names: [String]

    init(_ names: [String]) {
        self.names = names
    }

    func withPointers(_ body: (UnsafeMutablePointer<UnsafePointer<CChar>?>?, Int) -> Void) {
        let copies = names.map { Array($0.utf8CString) }
        unsafe collect(copies[...], []) { pointers in
            var pointers = unsafe pointers
            unsafe body(&pointers, pointers.count)
        }
    }

    private func collect(
        _ rest: ArraySlice<[CChar]>, _ pointers: [UnsafePointer<CChar>?], _ body: ([UnsafePointer<CChar>?]) -> Void
    ) {
        guard let first = rest.first else { return unsafe body(pointers) }
        unsafe first.withUnsafeBufferPointer { buffer in
            unsafe collect(rest.dropFirst(), pointers + [buffer.baseAddress], body)
        }
    }
}
