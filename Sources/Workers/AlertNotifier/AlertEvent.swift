package import Contracts
import Foundation
import Records

/// What `alerts.v1` carries, told apart by the event type in the header.
package enum AlertEvent: Sendable, Equatable {
    case raised(Alert)
    case context(AlertContext)

    package var corpID: String {
        switch self {
        case .raised(let alert): alert.corpID
        case .context(let context): context.corpID
        }
    }

    package var conversationID: String {
        switch self {
        case .raised(let alert): alert.message.conversation.id
        case .context(let context): context.conversationID
        }
    }

    package var alertID: String {
        switch self {
        case .raised(let alert): alert.alertID
        case .context(let context): context.alertID
        }
    }

    /// - Parameter type: `nil` for a record without the header, which is an alert.
    /// - Returns: `nil` for an event type of a later version.
    init?(type: String?, value: [UInt8]) throws {
        let decoder = JSONDecoder()
        switch type {
        case nil, Alert.eventType: self = .raised(try decoder.decode(Alert.self, from: Data(value)))
        case AlertContext.eventType: self = .context(try decoder.decode(AlertContext.self, from: Data(value)))
        default: return nil
        }
    }
}
