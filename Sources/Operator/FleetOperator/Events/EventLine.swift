import Contracts
import JSON
import Records
import TagScoring

/// Turns one line of a file into a record of `customer.events.v1`, or says why not. Pure, apart from the parser's buffers.
///
/// The line must be what the shipped JSON schema demands; it goes out as it is written, keyed by its customer.
package struct EventLine: LineReading {
    private let parser = JSONParser()
    private let topic: String
    private let corpID: String?
    private let nowMilliseconds: Int64

    /// - Parameters:
    ///   - topic: with namespace.
    ///   - corpID: for lines that don't name their corp.
    package init(topic: String, corpID: String?, nowMilliseconds: Int64) {
        self.topic = topic
        self.corpID = corpID
        self.nowMilliseconds = nowMilliseconds
    }

    package func read(_ bytes: [UInt8]?) -> IngestLine.Result {
        let maximum = Topics.customerEvents.maximumMessageBytes
        guard let bytes, bytes.count <= maximum else { return .bad("longer than \(maximum) bytes") }
        if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { return .blank }
        do {
            let value = try withCorp(bytes)
            let event = try CustomerEvent(json: parser.parse(value).root)
            guard event.occurredAt <= nowMilliseconds + CustomerEvent.maximumAhead else {
                return .bad("member `occurred_at` is more than 24 hours ahead of the clock")
            }
            return .record(
                OutgoingRecord(
                    topic: topic, key: Array(event.customerID.utf8), value: value,
                    headers: [
                        Header(HeaderNames.eventType, text: CustomerEvent.eventType),
                        Header(HeaderNames.corpID, text: event.corpID),
                    ]))
        } catch {
            return .bad("\(error)")
        }
    }

    private func withCorp(_ bytes: [UInt8]) throws -> [UInt8] {
        let root = try parser.parse(bytes).root
        guard let corpID, root.kind == .object, root["corp_id"] == nil,
            let brace = bytes.firstIndex(of: UInt8(ascii: "{"))
        else { return bytes }
        var value = bytes
        value.insert(contentsOf: Array("\"corp_id\":\"\(corpID)\"\(root.count == 0 ? "" : ",")".utf8), at: brace + 1)
        return value
    }
}
