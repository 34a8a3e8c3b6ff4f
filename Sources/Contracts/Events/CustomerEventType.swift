/// The types of event the fleet knows by name. Others are welcome at the door: a rule may count any type.
package enum CustomerEventType: String, Sendable, Hashable, CaseIterable {
    /// Money came in for an order: `order_id` and `amount`. Several payments of one order add up.
    case orderPaid = "order.paid"
    /// Money went back: `order_id` of what was paid, and `amount`. It counts where the order was paid.
    case orderRefunded = "order.refunded"
    /// The order is void, whatever was paid: `order_id`.
    case orderCancelled = "order.cancelled"
    case cartAdded = "cart.added"
    case cartCleared = "cart.cleared"
    case pageViewed = "page.viewed"
    case couponClaimed = "coupon.claimed"
    case couponUsed = "coupon.used"
    /// The code of a sales channel was scanned.
    case channelScanned = "channel.scanned"
    case groupJoined = "group.joined"
    case contentShared = "content.shared"
    /// From the archive: somebody wrote; `side` says who.
    case chatMessage = "chat.message"
    /// From the notifier: a rule was hit in the customer's conversation: `alert_id`.
    case alertOpened = "alert.opened"
    /// From the notifier: somebody looks after the alert: `alert_id`.
    case alertAcknowledged = "alert.acknowledged"
    /// From the notifier: the alert was dealt with: `alert_id`.
    case alertResolved = "alert.resolved"
    /// From the notifier: it was not over; the alert is open again: `alert_id`.
    case alertReopened = "alert.reopened"

    /// Members an event of this type must have beside the envelope, as they are called in JSON.
    package var requiredMembers: [String] {
        switch self {
        case .orderPaid, .orderRefunded: ["amount", "order_id"]
        case .orderCancelled: ["order_id"]
        case .alertOpened, .alertAcknowledged, .alertResolved, .alertReopened: ["alert_id"]
        default: []
        }
    }
}

extension CustomerEvent {
    /// Source of the events about alerts; nobody else's are believed.
    package static let alertSource = "alerts"
    /// Members every event must have.
    package static let envelope = ["corp_id", "customer_id", "source", "type", "event_id", "occurred_at"]
    /// Characters (Unicode scalars) an id may have.
    package static let maximumIDLength = 200
    /// Earliest time of an event, milliseconds UTC: 2000-01-01. What is earlier is a default or a unit mistaken.
    package static let earliest: Int64 = 946_684_800_000
    /// How far ahead of the clock an event may be, milliseconds; it counts when its time has come.
    package static let maximumAhead: Int64 = 24 * 3_600_000
    /// It can't be of its time: kept out, until the clock is there.
    package func isFarFuture(at now: Int64) -> Bool { occurredAt > now + Self.maximumAhead }

    /// Most money one event may speak of, 分: keeps sums far from overflow.
    package static let maximumAmount: Int64 = 1_000_000_000_000

    /// The JSON schema of the topic's values (draft 2020-12), as it is shipped.
    package static var jsonSchema: String {
        String(decoding: PackageResources.customer_events_v1_schema_json, as: UTF8.self)
    }
}
