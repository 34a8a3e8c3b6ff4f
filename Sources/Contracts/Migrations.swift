/// One step of a schema's history. Never edited once landed.
package struct Migration: Sendable, Hashable {
    /// `V0001_lanes`: unique within the schema, applied in order.
    package var name: String
    package var sql: String
}

/// The history of every schema. Files are `Migrations/<schema>_V<number>_<name>.sql`; `runtime_…` files hold the tables
/// that every worker has and are applied to each schema.
package enum Migrations {
    /// In the order they are applied.
    package static func all(for schema: Schema) -> [Migration] {
        let own: [Migration] =
            switch schema {
            case .archive: [migration("V0002_messages", PackageResources.archive_V0002_messages_sql, schema)]
            case .monitor: [migration("V0002_hits", PackageResources.monitor_V0002_hits_sql, schema)]
            case .alerting: [migration("V0002_alerts", PackageResources.alerting_V0002_alerts_sql, schema)]
            }
        return runtime(inSchema: schema.rawValue) + own
    }

    /// The tables every worker has.
    /// - Parameter schema: A name from a constant: it is spliced into SQL.
    package static func runtime(inSchema schema: String) -> [Migration] {
        let sql = String(decoding: PackageResources.runtime_V0001_lanes_sql, as: UTF8.self)
        return [Migration(name: "V0001_lanes", sql: sql.replacing("{{schema}}", with: schema))]
    }

    private static func migration(_ name: String, _ bytes: [UInt8], _ schema: Schema) -> Migration {
        Migration(
            name: name,
            sql: String(decoding: bytes, as: UTF8.self).replacing("{{schema}}", with: schema.rawValue))
    }
}
