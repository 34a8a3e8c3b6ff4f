import Foundation
import TestSupport

/// An invented stream of raw messages, made from a seed, with what must come of it.
///
/// Every conversation is between one customer and one employee and lives on one raw partition. Every tenth conversation
/// is *copied*: each of its messages also arrives on a second partition, as happens when two pullers overlap. Of the
/// messages with a hit every third is withdrawn by the message after it.
package struct ChatStream: Sendable {
    package static let corp = "ww5a7c0e1f2b3d4c6a"
    package static let rule = "cust_rights"
    package static let partitions = 12
    /// Conversations in which there are hits.
    package static let alarming = 12

    package struct Message: Sendable {
        package var id: String
        package var conversation: Int
        /// Empty for a recall.
        package var text: String
        package var hit: Bool
        /// Milliseconds UTC.
        package var sentAt: Int64
        /// Id of the message it withdraws.
        package var recalls: String?
        package var json: [UInt8]
    }

    package var conversations: Int
    package var messages: [Message]

    /// - Parameters:
    ///   - alertEvery: each message with this distance contains 「我要维权」, all of them in ``alarming`` conversations.
    ///   - nowMilliseconds: time of the last message; earlier ones are 100 ms apart.
    ///   - padding: characters added to each text.
    package init(
        seed: UInt64, count: Int, conversations: Int, alertEvery: Int, nowMilliseconds: Int64, padding: Int = 0
    ) {
        var random = SeededGenerator(seed: seed)
        self.conversations = conversations
        let words = ["您好", "请问", "这款", "保温杯", "还有现货吗", "今天", "发货", "谢谢", "好的", "收到", "麻烦看看", "地址"]
        var last: Message?
        messages = (0..<count).map { index in
            let hit = index % alertEvery == alertEvery / 2
            let recalled = (index / alertEvery) % 3 == 1 && last?.hit == true ? last : nil
            // Few conversations have all the hits, so that their order means something.
            let drawn = Int(random.next() % UInt64(hit ? min(conversations, Self.alarming) : conversations))
            let conversation = recalled?.conversation ?? drawn
            let time = nowMilliseconds - Int64(count - index) * 100
            var text = (0..<(2 + Int(random.next() % 6))).map { _ in words[Int(random.next() % UInt64(words.count))] }
                .joined()
            text += String(repeating: "好", count: padding)
            if hit { text += ["，我要维权", "，维*權到底", "，我要维\u{200b}权"][index % 3] }
            let id = "\(random.next() >> 1)_\(time)_external"
            let fromCustomer = hit || recalled != nil || random.next() % 2 == 0
            let (customer, employee) = (Self.customer(conversation), Self.employee(conversation))
            var object: [String: Any] = [
                "msgid": id, "corp_id": Self.corp, "seq": index + 1, "action": "send",
                "from": fromCustomer ? customer : employee, "tolist": [fromCustomer ? employee : customer],
                "roomid": "", "msgtime": time, "msgtype": "text", "text": ["content": text],
            ]
            if let recalled {
                text = ""
                object["action"] = "recall"
                object["msgtype"] = "revoke"
                object["text"] = nil
                // The platform names the target with or without the ending.
                object["revoke"] = [
                    "pre_msgid": index % 2 == 0 ? recalled.id : recalled.id.replacing("_external", with: "")
                ]
            }
            // Strings and numbers only. Sorted, so that a seed always gives the same bytes.
            let json = (try? JSONSerialization.data(withJSONObject: object, options: .sortedKeys)) ?? Data()
            let message = Message(
                id: id, conversation: conversation, text: text, hit: hit, sentAt: time, recalls: recalled?.id,
                json: Array(json))
            last = message
            return message
        }
    }

    /// A stream of the last minutes without any alert.
    package static func plain(seed: UInt64, count: Int, padding: Int = 0) -> ChatStream {
        ChatStream(
            seed: seed, count: count, conversations: 200, alertEvery: .max,
            nowMilliseconds: Int64(Date.now.timeIntervalSince1970 * 1000), padding: padding)
    }

    /// The same conversations with some of the messages.
    package func with(_ messages: some Sequence<Message>) -> ChatStream {
        var stream = self
        stream.messages = Array(messages)
        return stream
    }

    package static func customer(_ conversation: Int) -> String {
        "wm" + String(repeating: "A", count: 24) + String(format: "%06d", conversation)
    }

    package static func employee(_ conversation: Int) -> String { String(format: "employee%02d", conversation % 20) }

    /// `s:<a>|<b>` by byte order of the ids.
    package static func conversationID(_ conversation: Int) -> String {
        "s:"
            + [customer(conversation), employee(conversation)].sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            .joined(separator: "|")
    }

    package static func isCopied(_ conversation: Int) -> Bool { conversation % 10 == 0 }

    package static func partitions(of conversation: Int) -> [Int32] {
        let first = Int32(conversation % partitions)
        return isCopied(conversation) ? [first, (first + 5) % Int32(partitions)] : [first]
    }

    /// Message ids of a conversation in the order in which they were sent.
    package func order(of conversation: Int) -> [String] {
        messages.filter { $0.conversation == conversation }.map(\.id)
    }
}
