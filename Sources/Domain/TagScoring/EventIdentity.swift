package import Contracts

/// What makes an event unique.
package struct EventIdentity: Sendable, Hashable, Comparable {
    package var corpID: String
    package var source: String
    package var type: String
    package var eventID: String

    package init(corpID: String, source: String, type: String, eventID: String) {
        self.corpID = corpID
        self.source = source
        self.type = type
        self.eventID = eventID
    }

    package static func < (left: EventIdentity, right: EventIdentity) -> Bool {
        (left.corpID, left.source, left.type, left.eventID) < (right.corpID, right.source, right.type, right.eventID)
    }
}

/// A customer of a corp.
package struct CustomerKey: Sendable, Hashable, Comparable {
    package var corpID: String
    package var customerID: String

    package init(corpID: String, customerID: String) {
        self.corpID = corpID
        self.customerID = customerID
    }

    package static func < (left: CustomerKey, right: CustomerKey) -> Bool {
        (left.corpID, left.customerID) < (right.corpID, right.customerID)
    }
}

extension CustomerEvent {
    package var identity: EventIdentity {
        EventIdentity(corpID: corpID, source: source, type: type, eventID: eventID)
    }

    package var customer: CustomerKey { CustomerKey(corpID: corpID, customerID: customerID) }

    /// A hash of every member, the same in every process (FNV-1a, 64 bits): two events of one identity with different
    /// hashes contradict each other. How the JSON was written does not matter.
    package var contentHash: Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        func add(_ number: Int64?) {
            add(number == nil ? 0 : 1)
            guard let number else { return }
            for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> Int64(shift))) }
        }
        func add(_ text: String?) {
            // With its length in front, no two members run together into the same bytes.
            add(text.map { Int64($0.utf8.count) })
            for byte in (text ?? "").utf8 { add(byte) }
        }
        for id in [corpID, customerID, source, type, eventID] { add(id) }
        add(occurredAt)
        for text in [side?.rawValue, employeeID, conversationID, orderID, sku, alertID, ruleID] { add(text) }
        add(amount)
        add(severity.map { Int64($0.rawValue) })
        return Int64(bitPattern: hash)
    }
}
