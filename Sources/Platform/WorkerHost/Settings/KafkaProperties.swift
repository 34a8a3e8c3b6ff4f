/// librdkafka properties out of environment variables, and which of them are secret.
enum KafkaProperties {
    /// Prefix of their keys among the settings.
    static let keyPrefix = "kafka."
    static let bootstrapServers = Setting(
        "kafka.bootstrap.servers", environment: "KAFKA_BOOTSTRAP_SERVERS", flag: "--bootstrap-servers",
        help: "Kafka brokers, host:port[,host:port…].")

    /// The runtime's promise rests on these; another value would break it.
    static let reserved: [String: String] = [
        "enable.auto.commit": "offsets are committed by the runtime",
        "enable.auto.offset.store": "offsets are committed by the runtime",
        "auto.offset.reset": "positions come from the database; use --start",
        "enable.idempotence": "the producer is always idempotent",
        "message.timeout.ms": "records must not overtake timed-out ones",
        "group.id": "the consumer group is the program's name; use --namespace",
        "partition.assignment.strategy": "the topics of a lane need the range assignor",
        "enable.partition.eof": "the runtime sets it where it needs it",
    ]

    /// `KAFKA_SECURITY_PROTOCOL` → `security.protocol`; `nil` for variables that are no property of ours.
    static func name(forEnvironment variable: String) -> String? {
        guard variable.hasPrefix("KAFKA_"), variable.count > 6 else { return nil }
        return variable.dropFirst(6).lowercased().replacing("_", with: ".")
    }

    /// Never printed.
    static func isSecret(_ name: String) -> Bool {
        let words = ["password", "secret", "sasl.jaas.config", "oauthbearer.config", "key.pem", "private", "token"]
        return words.contains { name.contains($0) }
    }
}
