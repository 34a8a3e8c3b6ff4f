package import Kafka
package import Logging
package import Records
internal import Synchronization
package import WorkerRuntime

/// ``GroupMember`` over librdkafka.
///
/// The group is joined with the first ``nextEvent()``, once the broker has said how many partitions there are: the memory
/// for fetching ahead is divided among them.
package final class KafkaGroupMember: GroupMember {
    private let configuration: KafkaConfiguration
    private let group: String
    private let topics: [String]
    private let memory: FetchMemory
    private let logger: Logger
    private let admin: KafkaAdmin
    private let state = Mutex(State())

    private struct State {
        var consumer: KafkaConsumer?
        var isClosed = false
        /// Ends of partitions, as last asked for.
        var ends: [TopicPartition: Int64] = [:]
    }

    /// Makes the member without connecting.
    /// - Parameters:
    ///   - group: name of the consumer group, namespace included.
    ///   - topics: what the group subscribes to, namespace included.
    /// - Throws: all faults of the configuration at once.
    package init(
        _ configuration: KafkaConfiguration, group: String, topics: [String], memory: FetchMemory = .init(),
        logger: Logger
    ) throws(KafkaConfigurationFaults) {
        try configuration.validate()
        self.configuration = configuration
        self.group = group
        self.topics = topics
        self.memory = memory
        self.logger = logger
        admin = try KafkaAdmin(configuration, timeout: .seconds(5), logger: logger)
    }

    package func nextEvent() async throws -> MembershipEvent? {
        let consumer: KafkaConsumer
        if let joined = state.withLock({ $0.consumer }) {
            consumer = joined
        } else {
            guard let joined = try await join() else { return nil }
            consumer = joined
        }
        return try await LogFailure.reading {
            switch try await consumer.nextRebalance() {
            case .assigned(let partitions): .assigned(partitions)
            case .revoked(let partitions): .revoked(partitions)
            case .lost(let partitions): .lost(partitions)
            case nil: nil
            }
        }
    }

    package func assign(_ positions: [TopicPartition: Int64]) async throws {
        let consumer = try joined()
        let ends = state.withLock { $0.ends }
        try await LogFailure.reading { try await consumer.assign(positions, ends: ends) }
    }

    package func unassign() async throws {
        guard let consumer = state.withLock({ $0.consumer }) else { return }
        do throws(KafkaError) {
            try await consumer.unassign()
        } catch {
            // A closed member has nothing assigned.
            if error != .closed { throw LogFailure(reading: error) }
        }
    }

    package func waitForRecords(in partitions: [TopicPartition]) async throws {
        guard let consumer = state.withLock({ $0.consumer }) else { return }
        try await consumer.waitForRecords(in: partitions)
    }

    package func takeRecords(
        from partitions: [TopicPartition], maximumRecords: Int, maximumBytes: Int
    ) async throws -> [Record] {
        guard let consumer = state.withLock({ $0.consumer }) else { return [] }
        return try await LogFailure.reading {
            try consumer.takeRecords(from: partitions, maximumRecords: maximumRecords, maximumBytes: maximumBytes)
        }
    }

    package func positions(of partitions: [TopicPartition]) -> [TopicPartition: Int64] {
        state.withLock { $0.consumer }?.positions(of: partitions) ?? [:]
    }

    package func watermarks(of partition: TopicPartition) async throws -> Range<Int64> {
        let watermarks = try await LogFailure.reading { try await admin.watermarks(of: partition) }
        state.withLock { $0.ends[partition] = watermarks.upperBound }
        return watermarks
    }

    package func commit(_ positions: [TopicPartition: Int64]) {
        state.withLock { $0.consumer }?.commit(positions)
    }

    /// Topics that do not exist are missing from the result.
    package func describe(topics: [String]) async throws -> LogDescription {
        while true {
            do {
                let metadata = try await admin.metadata()
                return LogDescription(
                    clusterID: metadata.clusterID ?? "",
                    partitions: metadata.partitions.filter { topics.contains($0.key) })
            } catch let error as KafkaError {
                // Whether a broker can be reached is logged once per change by the client itself.
                guard error.isRetriable else { throw LogFailure(reading: error) }
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    /// What keeps these topics from being used now, in a sentence; `nil` when all of them exist. Does not wait.
    package func obstacle(to topics: [String]) async throws -> String? {
        do {
            let present = try await admin.metadata().partitions
            return topics.first { present[$0, default: 0] == 0 }.map { LogFailure.missing(topic: $0).description }
        } catch let error as KafkaError {
            guard error.isRetriable else { throw LogFailure(reading: error) }
            return "the broker cannot be reached: \(error)"
        }
    }

    /// How long leaving may take: others take over anyway when the session times out.
    private static let patience = Duration.seconds(5)

    package func close() async {
        let consumer = state.withLock { state in
            state.isClosed = true
            return state.consumer
        }
        let admin = admin
        let isClosed = Watched(false)
        // Unstructured: closing waits for librdkafka's threads, which nothing can interrupt; it goes on by itself when
        // nobody waits any more.
        _ = Task {
            await consumer?.close()
            await admin.close()
            isClosed.update { $0 = true }
        }
        // Unstructured: a cancelled worker leaves its group as well. Ends when closed or after the patience.
        let waiting = Task {
            try await SystemClock().limiting(to: Self.patience) { try await isClosed.wait { $0 ? () : nil } }
        }
        // Nobody cancels it, so it fails never and is late at most.
        if (try? await waiting.value) != nil { return }
        logger.warning("Leaving the consumer group takes long; the others wait for the session time-out.")
    }

    private func join() async throws -> KafkaConsumer? {
        let description = try await describe(topics: topics)
        // Without all of them there would be nothing to divide the memory by.
        if let missing = topics.first(where: { description.partitions[$0, default: 0] == 0 }) {
            throw LogFailure.missing(topic: missing)
        }
        let partitions = description.partitions.values.reduce(0) { $0 + Int($1) }
        let consumer = try KafkaConsumer(
            configuration, group: group, partitions: partitions, memory: memory, logger: logger)
        let isClosed = state.withLock { state in
            if !state.isClosed { state.consumer = consumer }
            return state.isClosed
        }
        if isClosed {
            await consumer.close()
            return nil
        }
        let topics = topics
        try await LogFailure.reading { try await consumer.subscribe(to: topics) }
        return consumer
    }

    private func joined() throws -> KafkaConsumer {
        guard let consumer = state.withLock({ $0.consumer }) else {
            throw LogFailure("the member has not joined its group", disposition: .halt)
        }
        return consumer
    }
}
