package import Contracts
package import JSON

/// Why a value of `customer.events.v1` is refused. Never quotes it.
package struct CustomerEventFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The member's name; empty when the event itself is no object.
    package var member: String
    package var problem: String

    package var description: String { member.isEmpty ? problem : "member `\(member)` \(problem)" }
}

/// Reads and checks values of `customer.events.v1`; the same rules as the shipped JSON schema.
extension CustomerEvent {
    /// - Parameter json: unknown members are ignored; an absent optional member and `null` are the same.
    package init(json: JSONValue) throws(CustomerEventFault) {
        guard json.kind == .object else { throw CustomerEventFault(member: "", problem: "not a JSON object") }
        let type = try Self.id("type", json)
        self.init(
            corpID: try Self.id("corp_id", json), customerID: try Self.id("customer_id", json),
            source: try Self.id("source", json), type: type, eventID: try Self.id("event_id", json),
            occurredAt: try Self.time("occurred_at", json), side: try Self.side(json),
            employeeID: try Self.text("employee_id", json), conversationID: try Self.text("conversation_id", json),
            orderID: try Self.optionalID("order_id", json), amount: try Self.amount(json),
            sku: try Self.optionalID("sku", json), alertID: try Self.optionalID("alert_id", json),
            ruleID: try Self.optionalID("rule_id", json), severity: try Self.severity(json))
        for member in CustomerEventType(rawValue: type)?.requiredMembers ?? [] where isMissing(member) {
            throw CustomerEventFault(member: member, problem: "is missing; \(type) needs it")
        }
    }

    private func isMissing(_ member: String) -> Bool {
        switch member {
        case "amount": amount == nil
        case "order_id": orderID == nil
        case "alert_id": alertID == nil
        default: false
        }
    }

    private static func id(_ key: StaticString, _ json: JSONValue) throws(CustomerEventFault) -> String {
        guard let id = try optionalID(key, json) else {
            throw CustomerEventFault(member: "\(key)", problem: "is missing")
        }
        return id
    }

    private static func optionalID(_ key: StaticString, _ json: JSONValue) throws(CustomerEventFault) -> String? {
        guard let id = try text(key, json) else { return nil }
        let scalars = id.unicodeScalars
        guard (1...maximumIDLength).contains(scalars.count),
            scalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else {
            throw CustomerEventFault(
                member: "\(key)",
                problem: "must have 1 to \(maximumIDLength) characters, none of them a control character")
        }
        return id
    }

    private static func text(_ key: StaticString, _ json: JSONValue) throws(CustomerEventFault) -> String? {
        guard let member = json[key], !member.isNull else { return nil }
        guard let text = member.string, !text.unicodeScalars.contains("\0") else {
            throw CustomerEventFault(member: "\(key)", problem: "must be a text without U+0000")
        }
        return text
    }

    private static func time(_ key: StaticString, _ json: JSONValue) throws(CustomerEventFault) -> Int64 {
        guard let member = json[key], let time = member.int64, (earliest...253_402_300_799_999).contains(time) else {
            throw CustomerEventFault(
                member: "\(key)", problem: "must be milliseconds UTC, a whole number not before the year 2000")
        }
        return time
    }

    private static func amount(_ json: JSONValue) throws(CustomerEventFault) -> Int64? {
        guard let member = json["amount"], !member.isNull else { return nil }
        guard let amount = member.int64, (0...maximumAmount).contains(amount) else {
            throw CustomerEventFault(
                member: "amount", problem: "must be a whole number of 分, from 0 to \(maximumAmount)")
        }
        return amount
    }

    private static func side(_ json: JSONValue) throws(CustomerEventFault) -> Party.Kind? {
        guard let member = json["side"], !member.isNull else { return nil }
        guard let side = member.string.flatMap(Party.Kind.init(rawValue:)) else {
            throw CustomerEventFault(member: "side", problem: "must be customer, employee or robot")
        }
        return side
    }

    private static func severity(_ json: JSONValue) throws(CustomerEventFault) -> Severity? {
        guard let member = json["severity"], !member.isNull else { return nil }
        guard let severity = member.int64.flatMap({ Severity(rawValue: Int($0)) }) else {
            throw CustomerEventFault(member: "severity", problem: "must be a whole number from 1 to 4")
        }
        return severity
    }
}
