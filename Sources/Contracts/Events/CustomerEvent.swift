/// Value of `customer.events.v1`: something a customer did, or that happened to one.
///
/// A door for shop systems; the archive publishes chat activity to it, the notifier what becomes of alerts. An event is
/// unique by (corp, source, type, event id).
package struct CustomerEvent: Codable, Sendable, Equatable {
    package static let eventType = "customer.event"

    package var corpID: String
    /// External id (`wm…`, `wo…`) or the shop's customer id.
    package var customerID: String
    /// System the event comes from: `archive` for chat activity, `alerts` for alerts, else the shop system's own name.
    package var source: String
    /// `chat.message`, `alert.opened`, `order.paid`, `cart.added` and so on.
    package var type: String
    /// Unique within (corp, source, type).
    package var eventID: String
    /// When it happened, milliseconds UTC.
    package var occurredAt: Int64
    /// Chat activity: who spoke (`customer` or `employee`).
    package var side: Party.Kind?
    /// Chat activity: the employee on the other end, when there is exactly one.
    package var employeeID: String?
    package var conversationID: String?
    /// Orders: the order that was paid, or that a refund is for.
    package var orderID: String?
    /// Orders: money in 分, never negative.
    package var amount: Int64?
    /// Carts and views: the goods.
    package var sku: String?
    /// Alerts: which, by what rule, how urgent.
    package var alertID: String?
    package var ruleID: String?
    package var severity: Severity?

    package init(
        corpID: String, customerID: String, source: String, type: String, eventID: String, occurredAt: Int64,
        side: Party.Kind? = nil, employeeID: String? = nil, conversationID: String? = nil, orderID: String? = nil,
        amount: Int64? = nil, sku: String? = nil, alertID: String? = nil, ruleID: String? = nil,
        severity: Severity? = nil
    ) {
        self.corpID = corpID
        self.customerID = customerID
        self.source = source
        self.type = type
        self.eventID = eventID
        self.occurredAt = occurredAt
        self.side = side
        self.employeeID = employeeID
        self.conversationID = conversationID
        self.orderID = orderID
        self.amount = amount
        self.sku = sku
        self.alertID = alertID
        self.ruleID = ruleID
        self.severity = severity
    }

    enum CodingKeys: String, CodingKey {
        case corpID = "corp_id"
        case customerID = "customer_id"
        case source
        case type
        case eventID = "event_id"
        case occurredAt = "occurred_at"
        case side
        case employeeID = "employee_id"
        case conversationID = "conversation_id"
        case orderID = "order_id"
        case amount
        case sku
        case alertID = "alert_id"
        case ruleID = "rule_id"
        case severity
    }
}
