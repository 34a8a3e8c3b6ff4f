/// librdkafka properties among the settings.
enum KafkaProperties {
    /// Prefix of their keys.
    static let keyPrefix = "kafka."
    static let bootstrapServers = Setting(
        "kafka.bootstrap.servers", environment: "KAFKA_BOOTSTRAP_SERVERS", flag: "--bootstrap-servers",
        help: "Kafka brokers, host:port[,host:port…].")

    /// `KAFKA_SECURITY_PROTOCOL` → `security.protocol`; `nil` for variables that name no property.
    static func name(forEnvironment variable: String) -> String? {
        guard variable.hasPrefix("KAFKA_"), variable.count > 6 else { return nil }
        return variable.dropFirst(6).lowercased().replacing("_", with: ".")
    }
}
