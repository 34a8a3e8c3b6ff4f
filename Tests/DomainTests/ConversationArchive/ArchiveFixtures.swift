import Contracts
import ConversationArchive
import Foundation
import JSON
import Testing

/// Messages as the platform sends them, and a decoder for one corp.
enum ArchiveFixtures {
    static let corpID = "ww1c0ffee"
    static let customer = "wmR4xTCwAAq0Zc7hVw2Ue8mJt5Lk9PsA"
    static let otherCustomer = "wmR4xTCwAAv31nEo6yXbRk0dWs8Tq2Hg"
    static let partner = "woR4xTCwAAm4cD1sQe9GzHy7Lf3Nk2Ja"
    static let robot = "wbR4xTCwAAd2Wm6oXj9Cn3Yq8Bu5Ff1T"
    static let room = "wrR4xTCwAAe5Yb1oKp8Rt3Vx6Zn0Ud7Q"

    /// One line for each kind, `send`, `recall` and `switch`.
    static func everyKind() throws -> [[UInt8]] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = tests.appending(path: "Fixtures/ConversationArchive/every-kind.jsonl")
        return try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).map(Array.init)
    }

    static func decode(
        _ bytes: [UInt8], directory: ArchiveDirectory = ArchiveDirectory(corps: [corpID])
    ) throws -> DecodedRecord {
        let decoder = ArchiveDecoder()
        return try withExtendedLifetime(decoder) {
            switch try decoder.decode(bytes, headerCorpID: corpID, directory: directory) {
            case .message(let message): .message(try DecodedMessage(message))
            case .companySwitch(let companySwitch): .companySwitch(companySwitch)
            }
        }
    }

    /// The message in this JSON text.
    static func message(
        _ json: String, directory: ArchiveDirectory = ArchiveDirectory(corps: [corpID])
    ) throws -> DecodedMessage {
        guard case .message(let decoded) = try decode(Array(json.utf8), directory: directory) else {
            throw NotAMessage()
        }
        return decoded
    }

    /// A text message with members replaced or, with an empty value, left out.
    static func json(_ changes: [String: String] = [:]) -> String {
        var members = [
            "msgid": #""7304418299001275566_1741571101223_external""#, "action": #""send""#, "from": #""LinXiaoMan""#,
            "tolist": "[\"\(customer)\"]", "roomid": #""""#, "msgtime": "1741571101102", "msgtype": #""text""#,
            "text": #"{"content":"您好"}"#,
        ]
        members.merge(changes) { _, new in new }
        return "{" + members.filter { !$0.value.isEmpty }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
            + "}"
    }

    struct NotAMessage: Error {}
}

/// What a record says, with copies of its texts.
enum DecodedRecord: Equatable {
    case message(DecodedMessage)
    case companySwitch(CompanySwitch)
}

/// A message as consumers get it: its events are read with `Codable`, as anybody would.
struct DecodedMessage: Equatable {
    var message: ChatMessage
    var activity: CustomerEvent?
    var roomID: String?
    var isFiledByID: Bool
    var flags: MessageFlags
    var consent: ConsentChange?
    var media: [MediaReference]

    init(_ archived: ArchivedMessage) throws {
        var writer = JSONWriter()
        archived.encodeJSON(with: &writer)
        message = try JSONDecoder().decode(ChatMessage.self, from: Data(writer.bytes))
        activity = try CustomerActivity(in: archived).map { activity in
            activity.encodeJSON(of: archived, with: &writer, fallbackTime: 1_741_600_000_000)
            let bytes = writer.bytes
            return try JSONDecoder().decode(CustomerEvent.self, from: Data(bytes))
        }
        roomID = archived.roomID?.string
        isFiledByID = archived.isFiledByID
        flags = archived.flags
        consent = archived.consent.map(ConsentChange.init)
        media = archived.media
    }
}
