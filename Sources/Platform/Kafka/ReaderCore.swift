internal import CLibrdkafka
internal import Logging
internal import Records

/// The reader's client, its thread for errors and logs, and the queue of its partition.
final class ReaderCore: Sendable {
    let loop: EventLoop
    let records: PartitionQueue
    let requests: ClientRequests

    init(
        _ configuration: KafkaConfiguration, _ partition: TopicPartition, from start: KafkaReader.Start, logger: Logger
    ) throws {
        let client = try ClientConfiguration(configuration, role: .reader).makeHandle()
        let events = ClientEvents(logger: logger)
        requests = ClientRequests(client: client, events: events)
        let main = try unsafe EventQueue(client) { unsafe rd_kafka_queue_get_main($0) }
        unsafe rd_kafka_set_log_queue(client.pointer, main.pointer)
        loop = EventLoop(queue: main)
        let queue = try unsafe EventQueue(client) { unsafe rd_kafka_queue_new($0) }
        let topic = try TopicHandle(client, partition.topic)
        let offset: Int64 =
            switch start {
            case .beginning: Int64(RD_KAFKA_OFFSET_BEGINNING)
            case .end: Int64(RD_KAFKA_OFFSET_END)
            case .offset(let offset): offset
            }
        records = PartitionQueue(partition, queue: queue, start: offset, tellsEnds: true)
        let result = unsafe rd_kafka_consume_start_queue(topic.pointer, partition.partition, offset, queue.pointer)
        if result != 0 { throw KafkaError(rd_kafka_last_error(), text: "\(partition) can't be read") }
        loop.start(name: "kafka-reader") { event in
            events.log(event)
        } finally: { [records] in
            _ = unsafe rd_kafka_consume_stop(topic.pointer, partition.partition)
            records.close()
        }
    }
}
