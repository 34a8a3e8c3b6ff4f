package import Contracts
package import JSON

extension CustomerEvent {
    /// The event as one JSON object with the keys of its `Codable` form; absent members are left out.
    package func encodeJSON() -> [UInt8] {
        var writer = JSONWriter(reservingCapacity: 384)
        return encodeJSON(with: &writer)
    }

    /// The same in a writer's memory, which is kept for the next event.
    package func encodeJSON(with writer: inout JSONWriter) -> [UInt8] {
        writer.removeAll()
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
