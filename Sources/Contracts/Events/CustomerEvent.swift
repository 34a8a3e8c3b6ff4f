/// Value of `customer.events.v1`: something a customer did.
package struct CustomerEvent: Codable, Sendable, Equatable {
    package static let eventType = "customer.event"

    package var corpID: String
    /// External id (`wm…`, `wo…`) or the shop's customer id.
    package var customerID: String
    /// System the event comes from: `archive` for chat activity.
    package var source: String
    /// `chat.message` here; shop systems send `order.paid`, `cart.added` and so on.
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

    package init(
        corpID: String, customerID: String, source: String, type: String, eventID: String, occurredAt: Int64,
        side: Party.Kind? = nil, employeeID: String? = nil, conversationID: String? = nil
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
    }
}
