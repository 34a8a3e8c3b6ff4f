import Contracts
import Foundation

/// What must come of a ``ChatStream``, computed from the input alone.
package struct Oracle: Sendable {
    private let stream: ChatStream
    private let ids: Set<String>
    private let hits: Set<String>
    /// Message ids by conversation, in the order in which they were sent.
    let orders: [Int: [String]]
    /// By id.
    let messages: [String: ChatStream.Message]

    package init(_ stream: ChatStream) {
        self.stream = stream
        ids = Set(stream.messages.map(\.id))
        hits = Set(stream.messages.filter(\.hit).map(\.id))
        messages = Dictionary(stream.messages.map { ($0.id, $0) }) { first, _ in first }
        orders = Dictionary(grouping: stream.messages, by: \.conversation).mapValues { $0.map(\.id) }
    }

    /// Conversations that come over one raw partition, so that their order is defined.
    private var ordered: [Int] { (0..<stream.conversations).filter { !ChatStream.isCopied($0) } }

    package var uniqueMessages: Int { stream.messages.count { !ChatStream.isCopied($0.conversation) } }

    /// Every message is archived once, as it was sent, and nothing became a dead letter.
    package func archive(_ fleet: TestFleet) async throws -> Findings {
        let rows = try await fleet.query(
            "SELECT msgid, conversation_id, coalesce(text, '') FROM archive.messages", as: String.self, String.self,
            String.self)
        var findings = Findings("archive", expected: ids.sorted(), actual: rows.map(\.0).sorted())
        let stored = Dictionary(rows.map { ($0.0, ($0.1, $0.2)) }) { first, _ in first }
        findings.wrong += stream.messages.filter { message in
            guard let row = stored[message.id] else { return false }
            return row.0 != ChatStream.conversationID(message.conversation) || row.1 != message.text
        }.map { "archive: \($0.id) is not what was sent" }
        for schema in Schema.allCases {
            let letters = try await fleet.query(
                "SELECT topic || '[' || partition || ']@' || \"offset\" || ' ' || reason FROM \(schema.rawValue).dead_letters",
                as: String.self)
            findings.wrong += letters.map { "dead letter: \($0)" }
        }
        return findings
    }

    /// Every message is told of; in order and once if it came over one partition.
    package func publishedMessages(_ published: PublishedStream) -> Findings {
        // A message that came over two partitions may be told by both, if the first was rolled back.
        let copied = Set(published.first.filter { ChatStream.isCopied($0.conversation) }.map(\.messageID))
        let expected = stream.messages.filter { ChatStream.isCopied($0.conversation) }.map(\.id).sorted()
        var findings = Findings("chat.messages", expected: expected, actual: copied.sorted())
        findings += inOrder(published, of: ids, place: "chat.messages")
        return findings
    }

    /// Every hit is stored, and its alert is published once and in order.
    package func hitsAndAlerts(_ fleet: TestFleet, _ published: PublishedStream) async throws -> Findings {
        let rows = try await fleet.query("SELECT msgid FROM monitor.hits ORDER BY msgid", as: String.self)
        var findings = Findings("hits", expected: hits.sorted(), actual: rows)
        let alerts = published.first.filter { $0.kind == .message }.map(\.messageID).sorted()
        findings += Findings("alerts", expected: hits.sorted(), actual: alerts)
        findings += inOrder(published, of: hits, place: "alerts")
        // Over all partitions an outbox stream counts without gaps.
        for (source, numbers) in published.numbers where numbers.sorted() != Array(1...Int64(numbers.count)) {
            findings.wrong.append("alerts: the numbers of stream \(source) have gaps")
        }
        return findings
    }

    /// Each alert reached robot and webhook, but for those that joined an earlier one; a second time only with the words
    /// that say so, and counted as unsure.
    package func deliveries(_ fleet: TestFleet, _ sandbox: Sandbox) async throws -> Findings {
        var findings = Findings()
        let stored = try await fleet.query(
            "SELECT alert_id, msgid, merged_into FROM alerting.alerts ORDER BY alert_id", as: String.self, String.self,
            String?.self)
        if stored.count < hits.count { findings.lost.append("alerts: \(hits.count - stored.count) are not stored") }
        if stored.count > hits.count { findings.wrong.append("alerts: \(stored.count) of \(hits.count) are stored") }
        let alerts = stored.filter { $0.2 == nil }.map(\.0)
        findings += joined(stored.map { (id: $0.0, messageID: $0.1, head: $0.2) })
        let received = try await sandbox.received().filter(\.effect)
        for (target, channel) in [("/cgi-bin/webhook/send", "robot"), ("/webhook/crm", "webhook")] {
            let calls = received.filter { $0.path.hasPrefix(target) }
            let times = Dictionary(calls.flatMap(\.alertIDs).map { ($0, 1) }, uniquingKeysWith: +)
            findings += Findings(target, expected: alerts, actual: times.keys.sorted())
            let unsure = Set(try await unsureAlerts(fleet, channel: channel))
            for id in times.filter({ $0.value > 1 }).map(\.key) {
                let marked = calls.filter { $0.alertIDs.contains(id) }.dropFirst().allSatisfy {
                    $0.content.contains("可能重复")
                }
                if !unsure.contains(id) || !marked { findings.duplicated.append("\(target): \(id)") }
            }
        }
        let open = try await fleet.query(
            "SELECT delivery_id::text FROM alerting.deliveries WHERE state <> 'delivered'", as: String.self)
        findings.lost += open.map { "delivery \($0) is not made" }
        return findings
    }

    /// Compares which alerts joined which: in each conversation all those within the cool-down of the first, and
    /// so on.
    ///
    /// Where a conversation's order is not defined, each joined one that is told, of the same conversation.
    private func joined(_ stored: [(id: String, messageID: String, head: String?)]) -> Findings {
        let byMessage = Dictionary(stored.map { ($0.messageID, $0) }) { first, _ in first }
        let byID = Dictionary(stored.map { ($0.id, $0) }) { first, _ in first }
        var findings = Findings()
        for conversation in ordered {
            var head: (id: String, at: Int64)?
            for id in orders[conversation, default: []] where hits.contains(id) {
                guard let message = messages[id], let alert = byMessage[id] else { continue }
                let joins = head.map { message.sentAt - $0.at <= TestFleet.coolDownMilliseconds } ?? false
                if alert.head != (joins ? head?.id : nil) {
                    findings.wrong.append("alert \(alert.id) joins \(alert.head ?? "none")")
                }
                if !joins { head = (alert.id, message.sentAt) }
            }
        }
        for alert in stored {
            guard let head = alert.head else { continue }
            let own = messages[alert.messageID]?.conversation
            if byID[head]?.head != nil || own != byID[head].flatMap({ messages[$0.messageID]?.conversation }) {
                findings.wrong.append("alert \(alert.id) joins \(head)")
            }
        }
        return findings
    }

    /// Deliveries of which an attempt ended without anybody knowing whether it was received.
    package func unsureDeliveries(_ fleet: TestFleet) async throws -> Int {
        let counts = try await fleet.query(
            "SELECT count(DISTINCT delivery_id) FROM alerting.attempts WHERE outcome = 'unsure'", as: Int64.self)
        return Int(counts[0])
    }

    /// Trails in the counting worker's table that are not exactly what was sent, in order.
    package func trails(_ fleet: TestFleet, schema: String = "counting") async throws -> Findings {
        let trails = try await notedTrails(fleet, schema: schema)
        var findings = Findings()
        for conversation in ordered {
            let id = ChatStream.conversationID(conversation)
            findings += Findings(
                "trail of \(id)", expected: orders[conversation, default: []], actual: trails[id, default: []])
        }
        return findings
    }

    /// Conversations whose trail is not exactly what was sent.
    package func unfinishedTrails(_ fleet: TestFleet, schema: String) async throws -> Set<Int> {
        let trails = try await notedTrails(fleet, schema: schema)
        return Set(ordered.filter { trails[ChatStream.conversationID($0), default: []] != orders[$0, default: []] })
    }

    private func notedTrails(_ fleet: TestFleet, schema: String) async throws -> [String: [String]] {
        let rows = try await fleet.query(
            "SELECT conversation, trail FROM \(schema).trails", as: String.self, String.self)
        return Dictionary(rows.map { ($0.0, $0.1.split(separator: "\n").map(String.init)) }) { first, _ in first }
    }

    /// Distinct messages of uncopied conversations that the counting worker has noted.
    package func countedMessages(_ fleet: TestFleet) async throws -> Int {
        let rows = try await fleet.query(
            "SELECT conversation, trail FROM counting.trails", as: String.self, String.self)
        let wanted = Set(ordered.map(ChatStream.conversationID))
        return Set(rows.filter { wanted.contains($0.0) }.flatMap { $0.1.split(separator: "\n") }).count
    }

    private func unsureAlerts(_ fleet: TestFleet, channel: String) async throws -> [String] {
        try await fleet.query(
            """
            SELECT DISTINCT d.alert_id FROM alerting.attempts a JOIN alerting.deliveries d USING (delivery_id)
            WHERE a.outcome = 'unsure' AND d.channel = '\(channel)'
            """, as: String.self)
    }

    /// Compares conversation by conversation those whose order is defined.
    private func inOrder(_ published: PublishedStream, of wanted: Set<String>, place: String) -> Findings {
        let byConversation = Dictionary(grouping: published.first.filter { $0.kind == .message }, by: \.conversation)
        var findings = Findings()
        for conversation in ordered {
            findings += Findings(
                "\(place) of \(ChatStream.conversationID(conversation))",
                expected: orders[conversation, default: []].filter(wanted.contains),
                actual: byConversation[conversation, default: []].map(\.messageID))
        }
        return findings
    }
}
