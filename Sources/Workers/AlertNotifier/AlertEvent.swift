import Alerting
package import Contracts
import Foundation
import Records

/// What `alerts.v1` and `alert.actions.v1` carry, told apart by the event type in the header.
package enum AlertEvent: Sendable, Equatable {
    case raised(Alert)
    case context(AlertContext)
    case acted(AlertAction)

    package var corpID: String {
        switch self {
        case .raised(let alert): alert.corpID
        case .context(let context): context.corpID
        case .acted(let action): action.corpID
        }
    }

    package var conversationID: String {
        switch self {
        case .raised(let alert): alert.message.conversation.id
        case .context(let context): context.conversationID
        case .acted(let action): action.conversationID
        }
    }

    package var alertID: String {
        switch self {
        case .raised(let alert): alert.alertID
        case .context(let context): context.alertID
        case .acted(let action): action.alertID
        }
    }

    /// - Parameter type: `nil` for a record without the header, which is an alert.
    /// - Returns: `nil` for an event type of a later version.
    init?(type: String?, value: [UInt8]) throws {
        let decoder = JSONDecoder()
        switch type {
        case nil, Alert.eventType: self = .raised(try decoder.decode(Alert.self, from: Data(value)))
        case AlertContext.eventType: self = .context(try decoder.decode(AlertContext.self, from: Data(value)))
        case AlertAction.eventType: self = .acted(try decoder.decode(AlertAction.self, from: Data(value)))
        default: return nil
        }
    }

    /// What is wrong with it, in words that quote nothing; `nil` for nothing.
    var fault: (reason: String, detail: String)? {
        // The id travels in a header and in links.
        guard Self.isID(alertID) else {
            return ("invalid_alert_id", "alert_id must be 1 to 200 visible ASCII characters")
        }
        guard case .acted(let action) = self else { return nil }
        guard Self.isID(action.actionID) else {
            return ("invalid_action", "action_id must be 1 to 200 visible ASCII characters")
        }
        guard AlertActionLimits.isName(action.actor) else {
            return ("invalid_action", "actor must be 1 to \(AlertActionLimits.name) characters")
        }
        guard AlertActionLimits.isNote(action.note ?? "") else {
            return ("invalid_action", "note must have at most \(AlertActionLimits.note) characters")
        }
        if action.kind == .resolve, action.result == nil { return ("invalid_action", "resolve needs a result") }
        return nil
    }

    private static func isID(_ text: String) -> Bool {
        (1...200).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7e).contains($0) }
    }
}
