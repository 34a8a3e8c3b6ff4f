package import Contracts

/// What a rule may ask of one event of a customer.
package struct CountedEvent: Sendable, Hashable {
    package var type: String
    package var source: String
    package var eventID: String
    /// Milliseconds UTC.
    package var occurredAt: Int64
    package var side: Party.Kind?
    package var orderID: String?
    /// 分
    package var amount: Int64?
    package var sku: String?
    package var alertID: String?
    package var ruleID: String?

    package init(
        type: String, source: String, eventID: String, occurredAt: Int64, side: Party.Kind? = nil,
        orderID: String? = nil, amount: Int64? = nil, sku: String? = nil, alertID: String? = nil, ruleID: String? = nil
    ) {
        self.type = type
        self.source = source
        self.eventID = eventID
        self.occurredAt = occurredAt
        self.side = side
        self.orderID = orderID
        self.amount = amount
        self.sku = sku
        self.alertID = alertID
        self.ruleID = ruleID
    }

    package init(_ event: CustomerEvent) {
        self.init(
            type: event.type, source: event.source, eventID: event.eventID, occurredAt: event.occurredAt,
            side: event.side, orderID: event.orderID, amount: event.amount, sku: event.sku, alertID: event.alertID,
            ruleID: event.ruleID)
    }
}
