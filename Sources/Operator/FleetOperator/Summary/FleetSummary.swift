package import Contracts
import Postgres

/// What the fleet has done since its tables were made.
package struct FleetSummary: Sendable, Equatable, Encodable {
    /// Messages in the archive.
    package var archived: Int64
    /// Records of `chat.raw.v1` that changed nothing, because their message was there already with the same content:
    /// records consumed (sum of the lanes' next offsets) − messages − other versions − switch logs − dead letters of the
    /// topic. Exact for a topic read from offset 0 whose partitions have no gaps (compaction or transactions make gaps,
    /// and those would count here).
    package var duplicates: Int64
    /// Records no worker could process, over all workers.
    package var deadLettered: Int64
    /// Alerts received by the notifier, self-tests not counted.
    package var alerts: Int64
    /// Of those: alerts with at least one target, delivered to every one of them.
    package var alertsDelivered: Int64
    /// Tags that customers have now, over all customers.
    package var tags: Int64
    /// Touches whose mass-send task was made.
    package var touches: Int64
    /// Touches that a guard has put off.
    package var touchesDeferred: Int64

    package static func read(_ databases: FleetDatabases, namespace: Namespace) async throws -> FleetSummary {
        // One statement, so that the numbers are of one moment.
        let archive = try await databases.query(
            .archive,
            """
            SELECT (SELECT count(*) FROM archive.messages),
                   (SELECT coalesce(sum(next_offset), 0)::bigint FROM archive.offsets WHERE topic = $1)
                   - (SELECT count(*) FROM archive.messages) - (SELECT count(*) FROM archive.versions)
                   - (SELECT count(*) FROM archive.switches) - (SELECT count(*) FROM archive.dead_letters WHERE topic = $1)
            """, [.text(namespace.topic(Topics.chatRaw))])
        let (archived, duplicates) = try archive[0].decode(Int64.self, Int64.self)
        var deadLettered: Int64 = 0
        for schema in Schema.allCases {
            let rows = try await databases.query(schema, "SELECT count(*) FROM \(schema.rawValue).dead_letters")
            deadLettered += try rows[0].decode(Int64.self, at: 0)
        }
        let alerting = try await databases.query(
            .alerting,
            """
            SELECT count(*), count(*) FILTER (WHERE EXISTS (
                       SELECT FROM alerting.deliveries d WHERE d.alert_id = a.told)
                   AND NOT EXISTS (
                       SELECT FROM alerting.deliveries d WHERE d.alert_id = a.told AND d.state <> 'delivered'))
            FROM (SELECT coalesce(merged_into, alert_id) AS told FROM alerting.alerts WHERE NOT self_test) a
            """)
        let (alerts, delivered) = try alerting[0].decode(Int64.self, Int64.self)
        let tags = try await databases.query(.tagging, "SELECT count(*) FROM tagging.tags WHERE held")
        let campaigns = try await databases.query(
            .campaigns,
            """
            SELECT count(*) FILTER (WHERE msgid IS NOT NULL),
                   count(*) FILTER (WHERE state = 'planned' AND reason IS NOT NULL) FROM campaigns.touches
            """)
        let (touches, deferred) = try campaigns[0].decode(Int64.self, Int64.self)
        return FleetSummary(
            archived: archived, duplicates: duplicates, deadLettered: deadLettered, alerts: alerts,
            alertsDelivered: delivered, tags: try tags[0].decode(Int64.self, at: 0), touches: touches,
            touchesDeferred: deferred)
    }

    var text: String {
        """
        \(archived) messages archived, \(duplicates) repetitions dropped, \(deadLettered) records set aside as dead letters.
        \(alerts) alerts raised, \(alertsDelivered) of them delivered to everybody they were meant for.
        \(tags) tags on customers.
        \(touches) touches handed to employees, \(touchesDeferred) put off until a guard lets them pass.
        """
    }
}
