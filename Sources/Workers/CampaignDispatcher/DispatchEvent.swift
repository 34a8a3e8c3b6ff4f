import Campaigns
package import Contracts
import Foundation
import Records

/// What the dispatcher consumes: events and tag changes of customers.
package enum DispatchEvent: Sendable, Equatable {
    case event(CustomerEvent)
    case tag(TagChange)

    package var corpID: String {
        switch self {
        case .event(let event): event.corpID
        case .tag(let change): change.corpID
        }
    }

    package var customerID: String {
        switch self {
        case .event(let event): event.customerID
        case .tag(let change): change.customerID
        }
    }

    /// When it happened, milliseconds UTC.
    var moment: Int64 {
        switch self {
        case .event(let event): event.occurredAt
        case .tag(let change): change.at
        }
    }

    var condition: CampaignsConfiguration.Condition {
        switch self {
        case .event(let event): .event(event.type)
        case .tag(let change): .init(change)
        }
    }

    /// Told apart by the topic: an outside producer need not set headers.
    init(_ record: Record, value: [UInt8]) throws {
        if record.topic.hasSuffix(Topics.customerTags.name) {
            self = .tag(try JSONDecoder().decode(TagChange.self, from: Data(value)))
        } else {
            self = .event(try JSONDecoder().decode(CustomerEvent.self, from: Data(value)))
        }
    }

    /// What keeps it from being stored; `nil` for nothing. Names no content.
    var fault: String? {
        let ids: [(String, String?)] =
            switch self {
            case .event(let event):
                [
                    ("corp_id", event.corpID), ("customer_id", event.customerID), ("type", event.type),
                    ("employee_id", event.employeeID), ("alert_id", event.alertID), ("rule_id", event.ruleID),
                ]
            case .tag(let change):
                [("corp_id", change.corpID), ("customer_id", change.customerID), ("tag", change.tag)]
            }
        for (name, id) in ids {
            guard let id else { continue }
            guard (1...200).contains(id.utf8.count), !id.utf8.contains(0) else {
                return "\(name) must have 1 to 200 bytes and no zero byte"
            }
        }
        // 2000 to 2100: anything else is another unit, or a default.
        guard (946_684_800_000...4_102_444_800_000).contains(moment) else {
            return "the time must be in milliseconds since 1970, between 2000 and 2100"
        }
        return nil
    }
}

/// Types of events that say something of a customer beside being a trigger or an end.
enum CustomerFactType {
    static let optOut = "marketing.opt_out"
    static let optIn = "marketing.opt_in"
    static let consentGiven = "consent.given"
    static let consentWithdrawn = "consent.withdrawn"
}
