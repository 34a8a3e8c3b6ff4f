package import Contracts
import JSON

extension CustomerEvent {
    /// The event as one JSON object with the keys of its `Codable` form; absent members are left out.
    package func encodeJSON() -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: 384)
        writer.beginObject()
        writer.member("corp_id", corpID)
        writer.member("customer_id", customerID)
        writer.member("source", source)
        writer.member("type", type)
        writer.member("event_id", eventID)
        writer.key("occurred_at")
        writer.integer(occurredAt)
        writer.member("side", side?.rawValue)
        writer.member("employee_id", employeeID)
        writer.member("conversation_id", conversationID)
        writer.endObject()
        return writer.bytes
    }
}
