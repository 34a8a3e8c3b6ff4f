/// One step of a schema's history. Never edited once landed.
package struct Migration: Sendable, Hashable {
    /// `V0001_lanes`: unique within the schema, applied in order.
    package var name: String
    package var sql: String
}

/// The history of every schema. Files are `Migrations/<schema>_V<number>_<name>.sql`; `runtime_…` files hold the tables
/// that every worker has.
///
/// Each history is written out, because the order is part of it: a database refuses a step that comes before one it
/// already has. A new step, be it the schema's own or the runtime's, takes the schema's next number at the end of its
/// list. So a later runtime step has the same SQL everywhere, but not the same name.
package enum Migrations {
    /// In the order they are applied.
    package static func all(for schema: Schema) -> [Migration] {
        let name = schema.rawValue
        return switch schema {
        case .archive:
            [
                lanes("V0001_lanes", inSchema: name),
                step("V0002_messages", PackageResources.archive_V0002_messages_sql, inSchema: name),
                step(
                    "V0003_conversation_facts", PackageResources.archive_V0003_conversation_facts_sql, inSchema: name),
                parking("V0004_parking", inSchema: name),
                fingerprints("V0005_fingerprints", inSchema: name),
                step("V0006_media", PackageResources.archive_V0006_media_sql, inSchema: name),
                step(
                    "V0007_conversation_totals", PackageResources.archive_V0007_conversation_totals_sql, inSchema: name),
                step("V0008_facts", PackageResources.archive_V0008_facts_sql, inSchema: name),
                configuration("V0009_configuration", inSchema: name),
                sharing("V0010_sharing", inSchema: name),
            ]
        case .monitor:
            [
                lanes("V0001_lanes", inSchema: name),
                step("V0002_hits", PackageResources.monitor_V0002_hits_sql, inSchema: name),
                parking("V0003_parking", inSchema: name),
                fingerprints("V0004_fingerprints", inSchema: name),
                step("V0005_context", PackageResources.monitor_V0005_context_sql, inSchema: name),
                configuration("V0006_configuration", inSchema: name),
                sharing("V0007_sharing", inSchema: name),
            ]
        case .alerting:
            [
                lanes("V0001_lanes", inSchema: name),
                step("V0002_alerts", PackageResources.alerting_V0002_alerts_sql, inSchema: name),
                parking("V0003_parking", inSchema: name),
                fingerprints("V0004_fingerprints", inSchema: name),
                step("V0005_context", PackageResources.alerting_V0005_context_sql, inSchema: name),
                configuration("V0006_configuration", inSchema: name),
                step("V0007_cool_down", PackageResources.alerting_V0007_cool_down_sql, inSchema: name),
                sharing("V0008_sharing", inSchema: name),
                step("V0009_life", PackageResources.alerting_V0009_life_sql, inSchema: name),
                step("V0010_app_messages", PackageResources.alerting_V0010_app_messages_sql, inSchema: name),
            ]
        case .tagging:
            runtime(inSchema: name) + [
                step("V0006_tags", PackageResources.tagging_V0006_tags_sql, inSchema: name)
            ]
        case .campaigns:
            runtime(inSchema: name) + [
                step("V0006_campaigns", PackageResources.campaigns_V0006_campaigns_sql, inSchema: name)
            ]
        }
    }

    /// The history of a schema with nothing but the tables every worker has.
    /// - Parameter schema: A name from a constant: it is spliced into SQL.
    package static func runtime(inSchema schema: String) -> [Migration] {
        [
            lanes("V0001_lanes", inSchema: schema), parking("V0002_parking", inSchema: schema),
            fingerprints("V0003_fingerprints", inSchema: schema),
            configuration("V0004_configuration", inSchema: schema), sharing("V0005_sharing", inSchema: schema),
        ]
    }

    /// The runtime's first tables, under the name they have in this schema's history.
    private static func lanes(_ name: String, inSchema schema: String) -> Migration {
        step(name, PackageResources.runtime_V0001_lanes_sql, inSchema: schema)
    }

    /// The runtime's tables for parked keys and operators' requests.
    private static func parking(_ name: String, inSchema schema: String) -> Migration {
        step(name, PackageResources.runtime_V0002_parking_sql, inSchema: schema)
    }

    /// What the runtime remembers of the last record.
    private static func fingerprints(_ name: String, inSchema schema: String) -> Migration {
        step(name, PackageResources.runtime_V0003_fingerprints_sql, inSchema: schema)
    }

    /// Under which configuration a lane publishes.
    private static func configuration(_ name: String, inSchema schema: String) -> Migration {
        step(name, PackageResources.runtime_V0004_configuration_sql, inSchema: schema)
    }

    /// How a transaction of several lanes begins.
    private static func sharing(_ name: String, inSchema schema: String) -> Migration {
        step(name, PackageResources.runtime_V0005_sharing_sql, inSchema: schema)
    }

    private static func step(_ name: String, _ file: [UInt8], inSchema schema: String) -> Migration {
        Migration(name: name, sql: String(decoding: file, as: UTF8.self).replacing("{{schema}}", with: schema))
    }
}
