internal import CLibrdkafka
package import Logging
package import Records

/// Questions and changes an operator has for a cluster.
///
/// Requests wait for the broker up to ``timeout`` each. The development broker answers only ``metadata()``,
/// ``watermarks(of:)`` and committed offsets; for the rest the error is ``KafkaError/isUnsupportedByBroker``.
package final class KafkaAdmin: Sendable {
    let client: KafkaHandle
    let timeout: Duration
    private let loop: EventLoop
    private let requests: ClientRequests

    package init(
        _ configuration: KafkaConfiguration, timeout: Duration = .seconds(10), logger: Logger
    ) throws(KafkaConfigurationFaults) {
        let client = try ClientConfiguration(configuration, role: .admin).makeHandle()
        let events = ClientEvents(logger: logger)
        self.client = client
        self.timeout = timeout
        requests = ClientRequests(client: client, events: events)
        do throws(KafkaError) {
            let queue = try unsafe EventQueue(client) { unsafe rd_kafka_queue_get_main($0) }
            unsafe rd_kafka_set_log_queue(client.pointer, queue.pointer)
            loop = EventLoop(queue: queue)
        } catch {
            throw KafkaConfigurationFaults(faults: [.init(property: "", reason: error.text)])
        }
        loop.start(name: "kafka-admin") { event in
            events.log(event)
        } finally: {
        }
    }

    deinit {
        loop.stop()
    }

    /// Topics with their numbers of partitions, brokers, and the cluster's id. Creates nothing.
    package func metadata() async throws -> KafkaMetadata {
        try await requests.metadata(timeout: timeout)
    }

    /// First offset kept and the offset after the last record.
    package func watermarks(of partition: TopicPartition) async throws -> Range<Int64> {
        try await requests.watermarks(of: partition, timeout: timeout)
    }

    /// Ends the client's thread. Requests under way finish first.
    package func close() async {
        loop.stop()
        await loop.waitForEnd()
    }
}
