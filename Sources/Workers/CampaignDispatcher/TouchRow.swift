import Campaigns
import Contracts
import Foundation
import Postgres
import Records

/// A touch as it is stored, without what only its statements need.
struct TouchRow: Sendable {
    var touchID: String
    var corpID: String
    var planID: String
    var stepID: String
    var customerID: String
    var occurrence: String
    var planVersion: String
    var employeeID: String?
    var reason: String?
    var anchor: Int64
    var validUntil: Int64

    /// What ``init(_:)`` reads, in order. The table is called `t`.
    static let columns = """
        t.touch_id, t.corp_id, t.plan_id, t.step_id, t.customer_id, t.occurrence, t.plan_version, t.employee_id, t.reason,
        t.anchor_at, t.valid_until
        """

    init(_ row: PostgresRow) throws {
        touchID = try row.decode(String.self, at: 0)
        corpID = try row.decode(String.self, at: 1)
        planID = try row.decode(String.self, at: 2)
        stepID = try row.decode(String.self, at: 3)
        customerID = try row.decode(String.self, at: 4)
        occurrence = try row.decode(String.self, at: 5)
        planVersion = try row.decode(String.self, at: 6)
        employeeID = try row.decode(String?.self, at: 7)
        reason = try row.decode(String?.self, at: 8)
        anchor = try row.decode(PostgresTimestamp.self, at: 9).milliseconds
        validUntil = try row.decode(PostgresTimestamp.self, at: 10).milliseconds
    }

    var customer: DispatchDecision.CustomerKey { .init(corpID: corpID, customerID: customerID) }

    /// The event that says what became of it.
    /// - Parameter topic: with namespace.
    func record(
        _ state: Touch.State, reason: String?, taskID: String? = nil, at moment: Int64, topic: String
    ) throws -> OutgoingRecord {
        let touch = Touch(
            corpID: corpID, customerID: customerID, touchID: touchID, planID: planID, stepID: stepID,
            occurrence: occurrence, planVersion: planVersion, employeeID: employeeID, state: state, reason: reason,
            taskID: taskID, at: moment)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return OutgoingRecord(
            topic: topic, key: Array(customerID.utf8), value: Array(try encoder.encode(touch)),
            headers: [
                Header(HeaderNames.eventType, text: Touch.eventType), Header(HeaderNames.corpID, text: corpID),
            ])
    }
}
