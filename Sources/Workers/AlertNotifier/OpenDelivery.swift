import Alerting
import Contracts
import WeCom

/// A delivery that is due, with the event it tells of.
struct OpenDelivery: Sendable {
    var id: Int64
    var machine: DeliveryStateMachine
    /// The record's value as the alert came.
    var event: [UInt8]
    /// Hits that have joined the alert so far.
    var joined: Int
    /// The severity it has here, which may be higher than the event's; `nil`: the event's.
    var severity: Severity?
    var isRaised: Bool
    /// The hit message has been withdrawn since.
    var isRecalled: Bool
    /// It tells of an alert that was left alone.
    var escalation: EscalationNotice?
}

/// Deliveries of one target taken for sending, before any call is made.
struct Claim: Sendable {
    var id: String
    var target: DeliveryTarget
    /// The HTTP calls to make.
    var calls: [Call]

    /// One HTTP call and the deliveries it is for: several when a message tells of several alerts.
    struct Call: Sendable {
        var id: String
        var deliveries: [Delivery]
        var payload: Payload
        /// The card with buttons that it sends.
        var card: Card? = nil
    }

    struct Card: Sendable {
        var taskID: String
        var alertID: String
    }

    struct Delivery: Sendable {
        var id: Int64
        var machine: DeliveryStateMachine
        /// When the monitor decided, milliseconds UTC.
        var raisedAt: Int64
    }

    enum Payload: Sendable {
        case markdown(String)
        case webhook(alertID: String, body: [UInt8])
        /// With the same without buttons.
        case app(AppMessage, plain: AppMessage?)
    }
}

/// What a call met, for the record.
struct CallReport: Sendable {
    var result: CallResult
    /// A fixed word.
    var detail: String
    var httpStatus: Int?
    var errcode: Int?
    /// Lets the card that was sent be changed.
    var responseCode: String?

    /// Tells one trouble from another.
    var kind: String { "\(detail) \(httpStatus ?? 0) \(errcode ?? 0)" }
}
