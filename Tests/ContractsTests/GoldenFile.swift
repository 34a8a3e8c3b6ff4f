import Contracts
import Foundation
import Testing

/// A value of a topic as it was written when its version landed: `Tests/Fixtures/<topic>.json`, one line.
struct GoldenFile: Sendable, CustomTestStringConvertible {
    static let all: [GoldenFile] = [
        GoldenFile(of: ChatMessage.self, in: Topics.chatMessages),
        GoldenFile(of: CustomerEvent.self, in: Topics.customerEvents),
        GoldenFile(of: Alert.self, in: Topics.alerts),
        GoldenFile(of: AlertAction.self, in: Topics.alertActions),
        GoldenFile(of: AlertStateChange.self, in: Topics.alertStates),
        GoldenFile(of: TagChange.self, in: Topics.customerTags),
        GoldenFile(of: Touch.self, in: Topics.campaignTouches),
        GoldenFile(of: CorpsConfiguration.self, in: Topics.corps),
        GoldenFile(of: RulesConfiguration.self, in: Topics.rules),
        GoldenFile(of: DirectoryConfiguration.self, in: Topics.directory),
        GoldenFile(of: TagRulesConfiguration.self, in: Topics.tagRules),
        GoldenFile(of: CampaignsConfiguration.self, in: Topics.campaigns),
    ]

    let topic: Topic
    /// The Swift type that reads and writes the topic's values.
    let type: String
    /// Decodes a value and encodes what was understood.
    let recode: @Sendable (Data) throws -> Data

    init<Value: Codable & SendableMetatype>(of type: Value.Type, in topic: Topic) {
        self.topic = topic
        self.type = String(describing: type)
        recode = { try Self.encode(JSONDecoder().decode(Value.self, from: $0)) }
    }

    var testDescription: String { topic.name }

    /// The line without its newline.
    func value() throws -> Data {
        let line = try Self.read(topic)
        guard line.last == UInt8(ascii: "\n") else { throw NoLine(topic: topic.name) }
        return line.dropLast()
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from topic: Topic) throws -> Value {
        try JSONDecoder().decode(type, from: read(topic))
    }

    private static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }

    private static func read(_ topic: Topic) throws -> Data {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return try Data(contentsOf: tests.appending(path: "Fixtures/\(topic.name).json"))
    }

    struct NoLine: Error { var topic: String }
}
