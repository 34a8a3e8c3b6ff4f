import Contracts
import JSON
package import Records

/// Turns one line of a file into a record of a topic, or says why not.
package protocol LineReading {
    /// - Parameter bytes: the line without its end; `nil` when it is longer than the topic takes.
    func read(_ bytes: [UInt8]?) -> IngestLine.Result
}

/// Turns one line of a file into a record of `chat.raw.v1`, or says why not. Pure, apart from the parser's buffers.
///
/// Only what the topic itself demands is checked (JSON, an object, a size that the broker takes): everything else is for
/// `archive-ingest` to judge, which keeps what it can't use as a dead letter.
package struct IngestLine: LineReading {
    package enum Result: Sendable, Equatable {
        case record(OutgoingRecord)
        /// Nothing on it.
        case blank
        /// The reason never holds any of the line.
        case bad(String)
    }

    private let parser = JSONParser()
    private let topic: String
    private let corpID: String?
    private let maximumBytes: Int

    /// - Parameters:
    ///   - topic: with namespace.
    ///   - corpID: for lines that don't name their corp.
    package init(topic: String, corpID: String?, maximumBytes: Int = Topics.chatRaw.maximumMessageBytes) {
        self.topic = topic
        self.corpID = corpID
        self.maximumBytes = maximumBytes
    }

    package func read(_ bytes: [UInt8]?) -> Result {
        guard let bytes, bytes.count <= maximumBytes else { return .bad("longer than \(maximumBytes) bytes") }
        if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { return .blank }
        let root: JSONValue
        do {
            root = try parser.parseMending(bytes).root
        } catch {
            return .bad("\(error)")
        }
        guard root.kind == .object else { return .bad("not a JSON object") }
        var value = bytes
        if root["corp_id"]?.isNull ?? true {
            guard let corpID else { return .bad("no corp_id, and no --corp given") }
            guard let brace = bytes.firstIndex(of: UInt8(ascii: "{")) else { return .bad("not a JSON object") }
            let separator = root.count == 0 ? "" : ","
            value.insert(contentsOf: Array("\"corp_id\":\"\(corpID)\"\(separator)".utf8), at: brace + 1)
            guard value.count <= maximumBytes else { return .bad("longer than \(maximumBytes) bytes with its corp_id") }
        }
        return .record(OutgoingRecord(topic: topic, key: ConversationKey.of(root), value: value))
    }
}
