internal import CLibrdkafka

/// What a client is for: decides its defaults and the properties nobody may change.
enum ClientRole {
    case consumer(group: String)
    case producer
    case admin
    case reader

    var type: rd_kafka_type_t {
        switch self {
        case .producer, .admin: RD_KAFKA_PRODUCER
        case .consumer, .reader: RD_KAFKA_CONSUMER
        }
    }

    /// Laid under the user's properties.
    var defaults: [String: String] {
        let common = [
            "client.id": "scrm",
            "socket.nagle.disable": "true",
            "socket.keepalive.enable": "true",
            "reconnect.backoff.max.ms": "5000",
            // librdkafka's notices about reconnecting are debugging material; changes of state are reported once, by us.
            "log.connection.close": "false",
        ]
        switch self {
        case .consumer:
            return common.merging([
                "session.timeout.ms": "10000",
                "heartbeat.interval.ms": "2000",
                "fetch.wait.max.ms": "100",
            ]) { $1 }
        case .producer:
            return common.merging([
                "linger.ms": "0",
                "compression.type": "lz4",
                "message.max.bytes": "16777216",
                "queue.buffering.max.messages": "100000",
                "queue.buffering.max.kbytes": "32768",
                "batch.num.messages": "10000",
                // A null key is spread over the partitions record by record only when batches would be small anyway.
                "sticky.partitioning.linger.ms": "10",
            ]) { $1 }
        case .admin:
            return common
        case .reader:
            return common.merging([
                "fetch.wait.max.ms": "100",
                "queued.min.messages": "10000",
                "queued.max.messages.kbytes": "16384",
            ]) { $1 }
        }
    }

    /// What correctness depends on: a property that says otherwise is a fault.
    var required: [String: String] {
        switch self {
        case .consumer(let group):
            [
                "group.id": group,
                // The database holds the positions; Kafka's are a hint for lag tools.
                "enable.auto.commit": "false",
                "enable.auto.offset.store": "false",
                // A position that is gone means lost records: somebody must decide, not the client.
                "auto.offset.reset": "error",
                // The end is told also when no record comes before it, only the markers of a producer's transactions.
                "enable.partition.eof": "true",
                // Pairs the partitions of a lane's topics; cooperative-sticky does not.
                "partition.assignment.strategy": "range",
                "allow.auto.create.topics": "false",
            ]
        case .producer:
            [
                "enable.idempotence": "true",
                "acks": "all",
                // A record that failed for good must never be overtaken by a later one.
                "enable.gapless.guarantee": "true",
                "message.timeout.ms": "0",
                // What the Java client does, so that producers in any language agree on the partition of a key.
                "partitioner": "murmur2_random",
            ]
        case .admin:
            [:]
        case .reader:
            [
                "enable.auto.commit": "false",
                "enable.auto.offset.store": "false",
                "auto.offset.reset": "error",
                "enable.partition.eof": "true",
                "allow.auto.create.topics": "false",
            ]
        }
    }

    /// Properties a user may set for another kind of client with the same dictionary.
    var ignored: Set<String> {
        switch self {
        case .consumer: []
        case .producer, .admin: ["group.id", "group.instance.id"]
        // What is read beside the stream is in no hurry.
        case .reader: ["group.id", "group.instance.id", "fetch.wait.max.ms"]
        }
    }

    /// The events that reach the client's event queue.
    var events: Int32 {
        let common = RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG | RD_KAFKA_EVENT_STATS
        return switch self {
        case .consumer: common | RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT
        case .producer: common | RD_KAFKA_EVENT_DR
        case .admin, .reader: common
        }
    }
}
