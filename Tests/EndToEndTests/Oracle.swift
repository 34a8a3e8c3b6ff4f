import Contracts
import Foundation
import Testing

/// What must come of a ``ChatStream``, computed from the input alone.
struct Oracle {
    let stream: ChatStream
    let ids: Set<String>
    let hits: Set<String>

    init(_ stream: ChatStream) {
        self.stream = stream
        ids = Set(stream.messages.map(\.id))
        hits = Set(stream.messages.filter(\.hit).map(\.id))
    }

    /// Conversations that come over one raw partition, so that their order is defined.
    private var ordered: [Int] { (0..<stream.conversations).filter { !ChatStream.isCopied($0) } }

    var uniqueMessages: Int { stream.messages.count { !ChatStream.isCopied($0.conversation) } }

    func checkArchive(_ fleet: TestFleet) async throws {
        let rows = try await fleet.query(
            "SELECT msgid, conversation_id, text FROM archive.messages", as: String.self, String.self, String.self)
        #expect(rows.count == ids.count)
        let stored = Dictionary(rows.map { ($0.0, ($0.1, $0.2)) }) { first, _ in first }
        let wrong = stream.messages.filter { message in
            guard let row = stored[message.id] else { return true }
            return row.0 != ChatStream.conversationID(message.conversation) || row.1 != message.text
        }
        #expect(wrong.map(\.id) == [])
        let letters = try await fleet.query("SELECT count(*) FROM archive.dead_letters", as: Int64.self)
        #expect(letters[0] == 0)
    }

    func checkPublishedMessages(_ fleet: TestFleet) async throws {
        let published = PublishedStream(try await fleet.records(of: Topics.chatMessages))
        let events = try published.decode(ChatMessage.self)
        #expect(Set(events.map(\.messageID)) == ids)
        // A message that came over two partitions may be told by both, if the first was rolled back.
        let once = events.filter { !ChatStream.isCopied(conversation(of: $0)) }
        #expect(once.count == uniqueMessages)
        let byConversation = Dictionary(grouping: once, by: conversation(of:)).mapValues { $0.map(\.messageID) }
        let disordered = ordered.filter { byConversation[$0, default: []] != stream.order(of: $0) }
        #expect(disordered == [])
    }

    func checkHitsAndAlerts(_ fleet: TestFleet) async throws {
        let rows = try await fleet.query("SELECT msgid FROM monitor.hits ORDER BY msgid", as: String.self)
        #expect(rows == hits.sorted())
        let published = PublishedStream(try await fleet.records(of: Topics.alerts))
        let alerts = try published.decode(Alert.self).map(\.message)
        #expect(alerts.map(\.messageID).sorted() == hits.sorted())
        let byConversation = Dictionary(grouping: alerts, by: conversation(of:)).mapValues { $0.map(\.messageID) }
        let disordered = ordered.filter {
            byConversation[$0, default: []] != stream.order(of: $0).filter(hits.contains)
        }
        #expect(disordered == [])
        // Over all partitions an outbox stream counts without gaps.
        for (source, numbers) in published.numbers {
            #expect(numbers.sorted() == Array(1...Int64(numbers.count)), "stream \(source)")
        }
    }

    /// Each alert reached robot and webhook; a second time only with the words that say so, and counted as unsure.
    func checkDeliveries(_ fleet: TestFleet, _ sandbox: Sandbox) async throws {
        let alerts = try await fleet.query("SELECT alert_id FROM alerting.alerts", as: String.self)
        #expect(alerts.count == hits.count)
        let received = try await sandbox.received().filter(\.effect)
        for target in ["/cgi-bin/webhook/send", "/webhook/crm"] {
            let calls = received.filter { $0.path.hasPrefix(target) }
            let times = Dictionary(calls.flatMap(\.alertIDs).map { ($0, 1) }, uniquingKeysWith: +)
            #expect(Set(times.keys) == Set(alerts), "\(target)")
            let again = times.filter { $0.value > 1 }.map(\.key)
            let unsure = try await fleet.query(
                """
                SELECT DISTINCT d.alert_id FROM alerting.attempts a JOIN alerting.deliveries d USING (delivery_id)
                WHERE a.outcome = 'unsure' AND d.channel = '\(target.hasPrefix("/cgi-bin") ? "robot" : "webhook")'
                """, as: String.self)
            #expect(Set(again).isSubset(of: Set(unsure)), "\(target)")
            for id in again {
                let marked = calls.filter { $0.alertIDs.contains(id) }.dropFirst().allSatisfy {
                    $0.content.contains("可能重复")
                }
                #expect(marked, "\(target): the repetition of \(id) says so")
            }
        }
        let open = try await fleet.query(
            "SELECT count(*) FROM alerting.deliveries WHERE state <> 'delivered'", as: Int64.self)
        #expect(open[0] == 0)
    }

    /// Conversations whose trail in the counting worker's table is not exactly what was sent, in order.
    func differencesOfTrails(_ fleet: TestFleet, schema: String = "counting") async throws -> [Int] {
        let rows = try await fleet.query(
            "SELECT conversation, trail FROM \(schema).trails", as: String.self, String.self)
        let trails = Dictionary(rows.map { ($0.0, $0.1) }) { first, _ in first }
        return ordered.filter { conversation in
            let expected = stream.order(of: conversation).map { $0 + "\n" }.joined()
            return trails[ChatStream.conversationID(conversation), default: ""] != expected
        }
    }

    /// Distinct messages of uncopied conversations that the counting worker has noted.
    func countedMessages(_ fleet: TestFleet, schema: String = "counting") async throws -> Int {
        let rows = try await fleet.query(
            "SELECT conversation, trail FROM \(schema).trails", as: String.self, String.self)
        let wanted = Set(ordered.map(ChatStream.conversationID))
        return Set(rows.filter { wanted.contains($0.0) }.flatMap { $0.1.split(separator: "\n") }).count
    }

    private func conversation(of message: ChatMessage) -> Int {
        let customer = [message.sender, message.recipients.first].compactMap(\.self).first { $0.kind == .customer }
        return Int(customer?.id.suffix(6) ?? "") ?? -1
    }
}
