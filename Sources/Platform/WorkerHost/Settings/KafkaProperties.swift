import Kafka

/// librdkafka properties among the settings.
enum KafkaProperties {
    /// Prefix of their keys.
    static let keyPrefix = "kafka."
    static let bootstrapServers = Setting(
        "kafka.bootstrap.servers", environment: "KAFKA_BOOTSTRAP_SERVERS", flag: "--bootstrap-servers",
        help: "Kafka brokers, host:port[,host:port…].")

    static let environmentPrefix = "KAFKA_"

    /// `KAFKA_SECURITY_PROTOCOL` → `security.protocol`; `nil` for variables that name no property: Kubernetes sets
    /// `KAFKA_PORT` and others for a service named kafka, and Kafka's own scripts read `KAFKA_HEAP_OPTS`.
    static func name(forEnvironment variable: String) -> String? {
        guard variable.hasPrefix(environmentPrefix) else { return nil }
        let name = variable.dropFirst(environmentPrefix.count).lowercased().replacing("_", with: ".")
        return !name.isEmpty && KafkaConfiguration.isProperty(name) ? name : nil
    }
}
