import Contracts
import Foundation
import Postgres
import Records
import SensitiveWordMonitor
import TestSupport
import Testing
import WorkerRuntime

/// What goes with an alert: lines before it, lines after it, recalls.
@Suite(.requiresPostgres) struct MonitorContextTests {
    private static let corpID = "ww5a7c0e1f2b3d4c6a"
    private static let now: Int64 = 1_741_600_000_000

    private struct Chat {
        let pool: PostgresPool
        let monitor: SensitiveWordMonitor
        /// `alert <msgid> [before…]`, `line <hit> <msgid>`, `recall <hit> <msgid>`; a `!` for what was withdrawn.
        var told: [String] = []
        private var hits: [String: String] = [:]

        init(_ pool: PostgresPool, audience: RulesConfiguration.Scope.Audience = .external) throws {
            let configuration = RulesConfiguration(
                corpID: MonitorContextTests.corpID,
                rules: [
                    .init(
                        id: "cust_rights", name: "客户维权", side: .any, severity: .serious, words: ["维权"],
                        scope: .init(audience: audience))
                ])
            let rules = MonitorConfiguration(
                rules: [
                    try MonitorConfiguration.rules(
                        key: "\(configuration.corpID)/rules", value: Array(try JSONEncoder().encode(configuration)))
                ], directory: [])
            self.pool = pool
            monitor = SensitiveWordMonitor(
                alertsTopic: "alerts.v1", maximumAlertAge: .seconds(24 * 3_600), context: ContextLimits(lines: 3)
            ) { rules }
        }

        /// One batch as the runtime runs it.
        mutating func take(_ batch: [ChatMessage]) async throws {
            let items = try batch.map { message in
                let record = Record(
                    topic: Topics.chatMessages.name, partition: 0, offset: 1,
                    value: Array(try JSONEncoder().encode(message)))
                return Batch<ChatMessage>.Item(event: try #require(try monitor.decode(record)), record: record)
            }
            let judgement = monitor.decide(Batch(lane: 0, items: items, nowMilliseconds: MonitorContextTests.now))
            let effects = try await pool.withTransaction { [monitor] transaction in
                try await monitor.apply(
                    judgement, in: transaction,
                    context: ApplyContext(
                        lane: 0, attempt: 1, mayConflict: false, nowMilliseconds: MonitorContextTests.now))
            }
            for record in effects.outbox { try note(record) }
        }

        private mutating func note(_ record: OutgoingRecord) throws {
            let value = Data(record.value ?? [])
            func mark(_ line: ContextLine) -> String { line.messageID + (line.recalled == true ? "!" : "") }
            if record.headers.contains(Header(HeaderNames.eventType, text: Alert.eventType)) {
                let alert = try JSONDecoder().decode(Alert.self, from: value)
                let id = alert.message.messageID
                hits[alert.alertID] = id
                told.append("alert \(id)\(alert.recalled == true ? "!" : "") \((alert.before ?? []).map(mark))")
            } else {
                let context = try JSONDecoder().decode(AlertContext.self, from: value)
                let hit = hits[context.alertID] ?? "?"
                told += context.lines.map { "line \(hit) \(mark($0))" }
                told += context.recalledMessageIDs.map { "recall \(hit) \($0)" }
            }
        }
    }

    private static func said(
        _ id: String, _ text: String? = "您好", in conversation: String = "s:LinXiaoMan|wm1", at seconds: Int64 = 0,
        recalls: String? = nil, external: Bool = true, sequence: UInt64? = nil
    ) -> ChatMessage {
        ChatMessage(
            corpID: corpID, messageID: id, filedAt: nil, sentAt: now - 3_600_000 + seconds * 1_000, sequence: sequence,
            action: recalls == nil ? "send" : "recall", messageType: recalls == nil ? "text" : "revoke",
            conversation: Conversation(id: conversation, kind: .single, external: external),
            sender: Party(id: "wm1", kind: .customer), recipients: [Party(id: "LinXiaoMan", kind: .employee)],
            text: recalls == nil ? text : nil, recalledMessageID: recalls)
    }

    private static func withChat(
        audience: RulesConfiguration.Scope.Audience = .external, _ body: (inout Chat) async throws -> Void
    ) async throws {
        try await TestDatabase.withDatabase { database in
            try await database.withPool(user: Schema.monitor.role) { pool in
                var chat = try Chat(pool, audience: audience)
                try await body(&chat)
            }
        }
    }

    @Test func anAlertCarriesTheLastLinesAndIsToldOfTheNext() async throws {
        try await Self.withChat { chat in
            try await chat.take(["1", "2", "3", "4"].map { Self.said($0) } + [Self.said("other", in: "s:a|b")])
            try await chat.take([Self.said("hit", "我要维权")])
            try await chat.take(["5", "6"].map { Self.said($0) } + [Self.said("7"), Self.said("8")])
            try await chat.take([Self.said("9")])
            #expect(
                chat.told == [#"alert hit ["2", "3", "4"]"#, "line hit 5", "line hit 6", "line hit 7"])
        }
    }

    @Test func aRecallIsToldHoweverLateAndByEitherSpellingOfTheID() async throws {
        try await Self.withChat { chat in
            try await chat.take([Self.said("1_1_external"), Self.said("2_1_external", "维权")])
            try await chat.take([Self.said("r1", recalls: "1_1")])
            try await chat.take((0..<9).map { Self.said("x\($0)", at: 1) })
            // Its watch is over by now, but the hit is known for ever.
            try await chat.take([Self.said("late", at: 3 * 3_600), Self.said("r2", at: 3 * 3_600, recalls: "2_1")])
            // Once is enough.
            try await chat.take([Self.said("r2", at: 3 * 3_600, recalls: "2_1_external")])
            #expect(
                chat.told == [
                    #"alert 2_1_external ["1_1_external"]"#, "recall 2_1_external 1_1_external",
                    "line 2_1_external x0", "line 2_1_external x1", "line 2_1_external x2",
                    "recall 2_1_external 2_1_external",
                ])
        }
    }

    @Test func whatWasWithdrawnBeforeIsMarkedInTheAlert() async throws {
        try await Self.withChat { chat in
            try await chat.take([Self.said("r1", recalls: "1"), Self.said("r2", recalls: "3")])
            try await chat.take([Self.said("1"), Self.said("2"), Self.said("3", "维权")])
            #expect(chat.told == [#"alert 3! ["1!", "2"]"#])
        }
    }

    @Test func linesOfAnotherTimeDoNotGoWithAHit() async throws {
        try await Self.withChat { chat in
            try await chat.take([Self.said("1", at: -3 * 3_600), Self.said("2"), Self.said("hit", "维权", at: 1)])
            try await chat.take([Self.said("3", at: 2), Self.said("4", at: 3 * 3_600)])
            #expect(chat.told == [#"alert hit ["2"]"#, "line hit 3"])
        }
    }

    /// A message that came through two partitions: published, its batch rolled back, and published by the other.
    @Test func aMessageThatComesAgainLongAfterIsNeitherRepeatedNorToldAsALaterLine() async throws {
        try await Self.withChat { chat in
            let early = (1...5).map { Self.said(String($0 as UInt64), sequence: $0) }
            try await chat.take(early)
            try await chat.take([early[3]])
            try await chat.take([Self.said("hit", "维权", sequence: 6)])
            try await chat.take([early[0], Self.said("7", sequence: 7), early[1], early[4]])
            try await chat.take([Self.said("7", sequence: 7), Self.said("unnumbered"), Self.said("8", sequence: 8)])
            #expect(
                chat.told == [
                    #"alert hit ["4", "5"]"#, "line hit 7", "line hit unnumbered", "line hit 8",
                ])
        }
    }

    @Test func whatComesAgainIsToldOnce() async throws {
        try await Self.withChat { chat in
            let first = [Self.said("1"), Self.said("hit", "维权"), Self.said("2")]
            try await chat.take(first)
            try await chat.take(first)
            try await chat.take([Self.said("2"), Self.said("3"), Self.said("3")])
            #expect(chat.told == [#"alert hit ["1"]"#, "line hit 2", "line hit 3"])
        }
    }

    @Test func conversationsThatNoRuleIsAboutLeaveNothing() async throws {
        try await Self.withChat { chat in
            try await chat.take([Self.said("1", external: false)])
            #expect(try await chat.pool.execute("SELECT 1 FROM monitor.conversations").isEmpty)
        }
        try await Self.withChat(audience: .any) { chat in
            try await chat.take([Self.said("1", external: false)])
            #expect(try await chat.pool.execute("SELECT 1 FROM monitor.conversations").count == 1)
        }
    }

    @Test func aConversationKeepsItsSizeAndIsForgottenWhenSilent() async throws {
        try await Self.withChat { chat in
            let long = String(repeating: "长", count: 5_000)
            for batch in 0..<20 { try await chat.take((0..<7).map { Self.said("\(batch)-\($0)", long) }) }
            let size = try await chat.pool.execute(
                "SELECT cardinality(lines), sum(octet_length(line))::bigint FROM monitor.conversations, unnest(lines) AS line GROUP BY 1"
            )
            let (lines, bytes) = try #require(size.first).decode(Int32.self, Int64.self)
            #expect(lines == 3)
            #expect(bytes < 3 * 900)
            try await chat.take([Self.said("new", in: "s:new|one"), Self.said("r", in: "s:new|one", recalls: "gone")])
            try await chat.pool.execute(
                """
                UPDATE monitor.conversations SET touched_at = now() - interval '3 h' WHERE conversation_id <> 's:new|one'
                """)
            try await chat.pool.execute("UPDATE monitor.recalls SET stored_at = now() - interval '8 d'")
            let more = try await chat.pool.withTransaction {
                try await ConversationStore.sweep(olderThan: .seconds(2 * 3_600), in: $0)
            }
            #expect(!more)
            let left = try await chat.pool.execute("SELECT conversation_id FROM monitor.conversations")
            #expect(try left.map { try $0.decode(String.self, at: 0) } == ["s:new|one"])
            #expect(try await chat.pool.execute("SELECT 1 FROM monitor.recalls").isEmpty)
        }
    }

    /// However messages are cut into batches, the same is told.
    @Test func theOutcomeDoesNotDependOnBatches() async throws {
        let seed = UInt64.random(in: 0...UInt64(UInt32.max))
        print("monitor context: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var messages: [ChatMessage] = []
        for index in 0..<300 {
            let conversation = "s:LinXiaoMan|wm\(Int.random(in: 0..<4, using: &random))"
            let target = messages.filter { $0.conversation.id == conversation && $0.recalledMessageID == nil }
                .suffix(8).randomElement(using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0: messages.append(Self.said("\(index)", "我要维权", in: conversation, at: Int64(index)))
            case 1 where target != nil:
                messages.append(
                    Self.said("\(index)", in: conversation, at: Int64(index), recalls: target?.messageID))
            default: messages.append(Self.said("\(index)", in: conversation, at: Int64(index)))
            }
        }
        var outcomes: [[String: [String]]] = []
        for largest in [1, 7, 300] {
            try await Self.withChat { chat in
                var rest = messages[...]
                while !rest.isEmpty {
                    let size = largest == 300 ? 300 : Int.random(in: 1...largest, using: &random)
                    try await chat.take(Array(rest.prefix(size)))
                    rest = rest.dropFirst(size)
                }
                // Compared for each hit: over conversations the order is that of the batches' messages anyway.
                outcomes.append(Dictionary(grouping: chat.told) { String($0.split(separator: " ")[1]) })
            }
        }
        #expect(!outcomes[0].isEmpty)
        #expect(outcomes[0] == outcomes[1])
        #expect(outcomes[0] == outcomes[2])
    }
}
