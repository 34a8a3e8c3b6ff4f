package import Kafka
package import Logging

/// How a program reaches Kafka and PostgreSQL, and how it logs.
package struct ConnectionConfiguration: Sendable {
    /// Prefix of topics and groups; empty for none.
    package var namespace: String
    package var kafka: KafkaConfiguration
    /// Holds a password: never log it. `nil`: libpq's own variables count.
    package var databaseURL: String?
    package var logLevel: Logger.Level
    package var logFormat: LogFormat

    /// Reads and checks; faults are collected in `settings`.
    /// - Parameter requiresKafka: brokers must be given; false for commands that only talk to PostgreSQL.
    package init(_ settings: inout SettingsReader, requiresKafka: Bool = true) {
        namespace = settings.value(StandardSettings.namespace, default: "") { (text) throws(InvalidSetting) in
            let allowed = text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || [0x2D, 0x2E, 0x5F].contains($0)
            }
            guard allowed, text.utf8.count <= 60 else {
                throw InvalidSetting("must be at most 60 of letters, digits, `.`, `_` and `-`, as in topic names")
            }
            return text
        }
        kafka = settings.kafka(required: requiresKafka)
        databaseURL = settings.value(StandardSettings.databaseURL, default: nil) { (text) throws(InvalidSetting) in
            guard text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") else {
                throw InvalidSetting("must begin with postgresql://")
            }
            return text
        }
        logLevel = settings.choice(StandardSettings.logLevel, default: .notice)
        logFormat = settings.choice(StandardSettings.logFormat, default: .text)
    }

    /// Topic or group name as the cluster knows it.
    package func prefixed(_ name: String) -> String { namespace.isEmpty ? name : "\(namespace).\(name)" }
}
