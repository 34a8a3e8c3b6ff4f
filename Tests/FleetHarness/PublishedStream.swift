import Contracts
import Foundation
package import Records

/// What a consumer that keeps the promise sees of a numbered topic: each number of a stream once, at first occurrence.
package struct PublishedStream: Sendable {
    package typealias Decoding = @Sendable (Record) throws -> [Entry]

    /// What is kept of a record: which message it tells of.
    package struct Entry: Sendable, Equatable {
        package enum Kind: Sendable, Equatable {
            /// The message itself, or the alert it raised.
            case message
            /// A later line, told to an alert.
            case line(alertID: String)
            /// A message withdrawn, told to an alert.
            case recall(alertID: String)
        }

        package var conversation: Int
        package var messageID: String
        package var kind = Kind.message
    }

    /// In order, for each partition.
    package private(set) var first: [Entry] = []
    /// Records whose number had been seen: repetitions on the wire.
    package private(set) var repeated = 0
    /// Numbers at first occurrence, by stream, in the order of one partition.
    package private(set) var numbers: [String: [Int64]] = [:]
    private var last: [TopicPartition: [String: Int64]] = [:]
    private let decode: Decoding

    /// - Parameter decode: finds the message that a record tells of.
    package init(_ decode: @escaping Decoding) { self.decode = decode }

    /// Adds records, in the order of their partition.
    package mutating func add(_ records: [Record]) throws {
        for record in records {
            let source = record.header(HeaderNames.source).map { String(decoding: $0, as: UTF8.self) } ?? ""
            let text = record.header(HeaderNames.sourceSequence).map { String(decoding: $0, as: UTF8.self) } ?? ""
            let number = Int64(text) ?? -1
            guard number > last[record.topicPartition, default: [:]][source, default: .min] else {
                repeated += 1
                continue
            }
            last[record.topicPartition, default: [:]][source] = number
            numbers[source, default: []].append(number)
            first += try decode(record)
        }
    }

    /// Of `chat.messages.v1`.
    package static var messages: PublishedStream {
        PublishedStream { [Entry(of: try value(ChatMessage.self, of: $0))] }
    }

    /// Of `alerts.v1`.
    package static var alerts: PublishedStream {
        PublishedStream { record in
            guard record.header(HeaderNames.eventType) == Array(AlertContext.eventType.utf8) else {
                return [Entry(of: try value(Alert.self, of: record).message)]
            }
            let context = try value(AlertContext.self, of: record)
            let conversation = ChatStream.conversation(withID: context.conversationID)
            let lines = context.lines.map {
                Entry(conversation: conversation, messageID: $0.messageID, kind: .line(alertID: context.alertID))
            }
            let recalls = context.recalledMessageIDs.map {
                Entry(conversation: conversation, messageID: $0, kind: .recall(alertID: context.alertID))
            }
            return lines + recalls
        }
    }

    private static func value<Value: Decodable>(_ type: Value.Type, of record: Record) throws -> Value {
        try JSONDecoder().decode(type, from: Data(record.value ?? []))
    }
}

extension PublishedStream.Entry {
    fileprivate init(of message: ChatMessage) {
        self.init(conversation: ChatStream.conversation(of: message), messageID: message.messageID)
    }
}

extension ChatStream {
    /// Number of the conversation a published message belongs to; −1 for none of this stream's.
    static func conversation(of message: ChatMessage) -> Int {
        let customer = [message.sender, message.recipients.first].compactMap(\.self).first { $0.kind == .customer }
        return Int(customer?.id.suffix(6) ?? "") ?? -1
    }

    static func conversation(withID id: String) -> Int {
        id.dropFirst(2).split(separator: "|").first { $0.hasPrefix("wm") }.flatMap { Int($0.suffix(6)) } ?? -1
    }
}
