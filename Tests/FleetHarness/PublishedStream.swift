package import Contracts
import Foundation
package import Records

/// What a consumer that keeps the promise sees of a numbered topic: each number of a stream once, at first occurrence.
package struct PublishedStream: Sendable {
    package typealias Decoding = @Sendable (Record) throws -> ChatMessage

    /// What is kept of a record: whose message it tells of.
    package struct Entry: Sendable, Equatable {
        package var conversation: Int
        package var messageID: String
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
            let message = try decode(record)
            first.append(Entry(conversation: ChatStream.conversation(of: message), messageID: message.messageID))
        }
    }

    /// Of `chat.messages.v1`.
    package static var messages: PublishedStream {
        PublishedStream { try JSONDecoder().decode(ChatMessage.self, from: Data($0.value ?? [])) }
    }

    /// Of `alerts.v1`.
    package static var alerts: PublishedStream {
        PublishedStream { try JSONDecoder().decode(Alert.self, from: Data($0.value ?? [])).message }
    }
}

extension ChatStream {
    /// Number of the conversation a published message belongs to; −1 for none of this stream's.
    static func conversation(of message: ChatMessage) -> Int {
        let customer = [message.sender, message.recipients.first].compactMap(\.self).first { $0.kind == .customer }
        return Int(customer?.id.suffix(6) ?? "") ?? -1
    }
}
