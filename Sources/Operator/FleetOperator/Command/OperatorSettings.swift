package import Contracts
package import Kafka
package import WorkerHost

/// Where the fleet is, as `scrm` needs it: one cluster and, for each schema, its database.
package struct OperatorSettings: Sendable {
    package enum Need: Sendable, Hashable {
        case kafka
        case database
    }

    package var namespace: Namespace
    package var kafka: KafkaConfiguration
    /// A URL for each schema; absent: libpq's own `PG*` variables.
    package var databaseURLs: [Schema: String]

    /// `DATABASE_URL_ARCHIVE` and so on: for schemas on servers of their own.
    package static func databaseURL(of schema: Schema) -> Setting {
        Setting(
            "database.\(schema.rawValue).url", environment: "DATABASE_URL_\(schema.rawValue.uppercased())",
            help:
                "postgresql:// URL of the database that holds the schema \(schema.rawValue), when it is not the common one.",
            isSecret: true)
    }

    init(_ reader: inout SettingsReader, needs: Set<Need>) {
        let connection = ConnectionConfiguration(&reader, requiresKafka: needs.contains(.kafka))
        namespace = Namespace(connection.namespace)
        kafka = connection.kafka
        databaseURLs = [:]
        for schema in Schema.allCases {
            databaseURLs[schema] =
                reader.value(Self.databaseURL(of: schema), default: nil) { (text) throws(InvalidSetting) in
                    guard text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") else {
                        throw InvalidSetting("must begin with postgresql://")
                    }
                    return text
                } ?? connection.databaseURL
        }
    }
}
