import Contracts
import Foundation
import Postgres
import Records
import SensitiveWordMonitor
import Synchronization
import TestSupport
import Testing
import WorkerRuntime

/// The handler on PostgreSQL, under the worker's own role.
@Suite(.requiresPostgres) struct SensitiveWordMonitorTests {
    private static let corpID = "ww5a7c0e1f2b3d4c6a"
    private static let now: Int64 = 1_741_600_000_000
    private static let hour: Int64 = 3_600_000

    private static func rules(_ words: String..., id: String = "cust_rights", corpID: String = corpID) throws
        -> MonitorConfiguration
    {
        let configuration = RulesConfiguration(
            corpID: corpID,
            rules: [
                .init(
                    id: id, name: "客户维权", side: .customer, severity: .serious, words: words, robots: ["compliance"],
                    webhooks: ["crm"], recipients: ["zhouning"])
            ])
        let value = Array(try JSONEncoder().encode(configuration))
        return MonitorConfiguration(
            rules: [try MonitorConfiguration.rules(key: "\(corpID)/rules", value: value)], directory: [])
    }

    private static func message(
        _ text: String?, id: String = "1_1741599990000", sentAt: Int64? = now - 10_000, filedAt: Int64? = nil,
        corpID: String = corpID, partition: Int32 = 0, type: String = "text"
    ) throws -> Record {
        let message = ChatMessage(
            corpID: corpID, messageID: id, filedAt: filedAt ?? sentAt, sentAt: sentAt, sequence: 7, action: "send",
            messageType: type,
            conversation: Conversation(id: "s:LinXiaoMan|wm1", kind: .single, external: true),
            sender: Party(id: "wm1", kind: .customer), recipients: [Party(id: "LinXiaoMan", kind: .employee)],
            text: text)
        return Record(
            topic: Topics.chatMessages.name, partition: partition, offset: 1,
            value: Array(try JSONEncoder().encode(message)))
    }

    private static func monitor(_ configuration: @escaping @Sendable () -> MonitorConfiguration)
        -> SensitiveWordMonitor
    {
        SensitiveWordMonitor(
            alertsTopic: "staging.alerts.v1", maximumAlertAge: .seconds(24 * 3_600), configuration: configuration)
    }

    /// One batch as the runtime runs it.
    @discardableResult
    private static func run(
        _ monitor: SensitiveWordMonitor, _ records: [Record], on pool: PostgresPool
    ) async throws -> Effects {
        let items = try records.compactMap { record in
            try monitor.decode(record).map { Batch<ChatMessage>.Item(event: $0, record: record) }
        }
        let decision = monitor.decide(Batch(lane: 0, items: items, nowMilliseconds: now))
        return try await pool.withTransaction { transaction in
            try await monitor.apply(
                decision, in: transaction,
                context: ApplyContext(lane: 0, attempt: 1, mayConflict: false, nowMilliseconds: now))
        }
    }

    /// `msgid rule backfill alert?` of every hit.
    private static func hits(_ pool: PostgresPool) async throws -> [String] {
        let rows = try await pool.execute(
            """
            SELECT concat_ws(' ', msgid, rule_id, CASE WHEN backfill THEN 'backfill' END, alert_id IS NOT NULL)
            FROM monitor.hits ORDER BY 1
            """)
        return try rows.map { try $0.decode(String.self, at: 0) }
    }

    private static func withMonitorPool(_ body: (PostgresPool) async throws -> Void) async throws {
        try await TestDatabase.withDatabase { database in
            try await database.withPool(user: Schema.monitor.role, body)
        }
    }

    @Test func aHitIsStoredWithItsFactsAndAlertsOnce() async throws {
        try await Self.withMonitorPool { pool in
            let configuration = try Self.rules("维权")
            let monitor = Self.monitor { configuration }
            let effects = try await Self.run(monitor, [Self.message("我要維*權！")], on: pool)

            let record = try #require(effects.alerts.first)
            #expect(effects.alerts.count == 1)
            #expect(record.topic == "staging.alerts.v1")
            #expect(record.key == Array("s:LinXiaoMan|wm1".utf8))
            #expect(
                record.headers == [
                    Header(HeaderNames.eventType, text: Alert.eventType), Header(HeaderNames.corpID, text: Self.corpID),
                ])
            let alert = try JSONDecoder().decode(Alert.self, from: Data(try #require(record.value)))
            #expect(alert.alertID.wholeMatch(of: /al_[0-9a-hjkmnp-tv-z]{26}/) != nil)
            #expect(alert.rule.id == "cust_rights")
            #expect(alert.rule.severity == .serious)
            #expect(alert.rule.robots == ["compliance"])
            #expect(alert.rule.webhooks == ["crm"])
            #expect(alert.rule.recipients == ["zhouning"])
            #expect(alert.message.text == "我要維*權！")
            #expect(
                alert.spans == [Alert.Span(start: 2, end: 5, pattern: "维权", transforms: [.simplified, .separators])])
            #expect(alert.employeeID == "LinXiaoMan")
            #expect(alert.customerID == "wm1")
            #expect(alert.raisedAt == Self.now)
            #expect(!alert.selfTest)

            let row = try #require(
                try await pool.execute(
                    """
                    SELECT rule_version, severity, spans->0->>'pattern', (spans->0->>'start')::int, employee_id,
                        customer_id, (extract(epoch FROM sent_at) * 1000)::bigint, alert_id,
                        substring('我要維*權！' FROM (spans->0->>'start')::int + 1
                            FOR (spans->0->>'end')::int - (spans->0->>'start')::int)
                    FROM monitor.hits
                    """
                ).first)
            let (version, severity, pattern, start, employee, customer, sentAt, alertID, matched) = try row.decode(
                String.self, Int16.self, String.self, Int32.self, String.self, String.self, Int64.self, String.self,
                String.self)
            #expect(version == alert.rule.version)
            #expect(severity == 3)
            #expect(pattern == "维权")
            #expect(start == 2)
            #expect(employee == "LinXiaoMan")
            #expect(customer == "wm1")
            #expect(sentAt == Self.now - 10_000)
            #expect(alertID == alert.alertID)
            #expect(matched == "維*權")
        }
    }

    @Test func aReplayWritesNothingAndAlertsNobody() async throws {
        try await Self.withMonitorPool { pool in
            let configuration = try Self.rules("维权")
            let monitor = Self.monitor { configuration }
            let records = [try Self.message("维权", id: "1_1"), try Self.message("维权", id: "2_1")]
            #expect(try await Self.run(monitor, records, on: pool).alerts.count == 2)
            #expect(try await Self.run(monitor, records, on: pool).outbox.isEmpty)
            // Half old, half new.
            let mixed = [try Self.message("维权", id: "2_1"), try Self.message("维权", id: "3_1")]
            #expect(try await Self.run(monitor, mixed, on: pool).alerts.count == 1)
            #expect(
                try await Self.hits(pool) == ["1_1 cust_rights t", "2_1 cust_rights t", "3_1 cust_rights t"])
        }
    }

    @Test func theSameMessageThroughTwoPartitionsAlertsOnce() async throws {
        try await Self.withMonitorPool { pool in
            let configuration = try Self.rules("维权")
            let monitor = Self.monitor { configuration }
            let twice = [try Self.message("维权"), try Self.message("维权", partition: 5)]
            #expect(try await Self.run(monitor, twice, on: pool).alerts.count == 1)
            #expect(try await Self.hits(pool).count == 1)
        }
    }

    @Test func aRolledBackBatchLeavesNothingAndItsRepetitionAlerts() async throws {
        struct Failure: Error {}
        try await Self.withMonitorPool { pool in
            let configuration = try Self.rules("维权")
            let monitor = Self.monitor { configuration }
            let record = try Self.message("维权")
            let event = try #require(try monitor.decode(record))
            let decision = monitor.decide(
                Batch(lane: 0, items: [.init(event: event, record: record)], nowMilliseconds: Self.now))
            await #expect(throws: Failure.self) {
                try await pool.withTransaction { transaction in
                    let context = ApplyContext(lane: 0, attempt: 1, mayConflict: false, nowMilliseconds: Self.now)
                    #expect(try await monitor.apply(decision, in: transaction, context: context).alerts.count == 1)
                    throw Failure()
                }
            }
            #expect(try await Self.hits(pool).isEmpty)
            #expect(try await Self.run(monitor, [record], on: pool).alerts.count == 1)
        }
    }

    @Test func oldMessagesAreHitsWithoutAlert() async throws {
        try await Self.withMonitorPool { pool in
            let configuration = try Self.rules("维权")
            let monitor = Self.monitor { configuration }
            let records = [
                try Self.message("维权", id: "old", sentAt: Self.now - 25 * Self.hour),
                try Self.message("维权", id: "recent", sentAt: Self.now - 23 * Self.hour),
                try Self.message("维权", id: "future", sentAt: Self.now + Self.hour),
                try Self.message("维权", id: "untimed", sentAt: nil),
                // No sending time, but the id has one.
                try Self.message("维权", id: "filed-long-ago", sentAt: nil, filedAt: Self.now - 25 * Self.hour),
                try Self.message("维权", id: "filed-now", sentAt: nil, filedAt: Self.now - Self.hour),
            ]
            #expect(try await Self.run(monitor, records, on: pool).alerts.count == 4)
            #expect(
                try await Self.hits(pool) == [
                    "filed-long-ago cust_rights backfill f", "filed-now cust_rights t", "future cust_rights t",
                    "old cust_rights backfill f", "recent cust_rights t",
                    "untimed cust_rights t",
                ])
        }
    }

    /// Not in the order of the ids: a manager reads a conversation as it was said.
    @Test func alertsOfABatchGoOutInTheOrderOfItsMessages() async throws {
        try await Self.withMonitorPool { pool in
            let configuration = try Self.rules("维权")
            let monitor = Self.monitor { configuration }
            let ids = ["7", "3", "9", "1", "5"]
            let effects = try await Self.run(monitor, ids.map { try Self.message("维权", id: $0) }, on: pool)
            let told = try effects.alerts.map {
                try JSONDecoder().decode(Alert.self, from: Data(try #require($0.value))).message.messageID
            }
            #expect(told == ids)
        }
    }

    @Test func newRulesHoldFromTheNextBatchAndOldHitsStay() async throws {
        try await Self.withMonitorPool { pool in
            let current = Mutex(try Self.rules("维权"))
            let monitor = Self.monitor { current.withLock { $0 } }
            let texts = [try Self.message("维权", id: "1"), try Self.message("投诉", id: "2")]
            try await Self.run(monitor, texts, on: pool)
            let swapped = try Self.rules("投诉")
            current.withLock { $0 = swapped }
            let effects = try await Self.run(monitor, texts, on: pool)
            #expect(effects.alerts.count == 1)
            #expect(try await Self.hits(pool) == ["1 cust_rights t", "2 cust_rights t"])
            let versions = try await pool.execute("SELECT count(DISTINCT rule_version) FROM monitor.hits")
            #expect(try versions.first?.decode(Int64.self, at: 0) == 2)
        }
    }

    @Test func aCorpWithoutRulesIsNotJudged() async throws {
        try await Self.withMonitorPool { pool in
            let configuration = try Self.rules("维权")
            let monitor = Self.monitor { configuration }
            let effects = try await Self.run(monitor, [Self.message("维权", corpID: "ww_other")], on: pool)
            #expect(effects.outbox.isEmpty)
            #expect(try await Self.hits(pool).isEmpty)
        }
    }

    @Test func theSameMessageIDInTwoCorpsIsTwoMessages() async throws {
        try await Self.withMonitorPool { pool in
            let own = try Self.rules("维权")
            let other = try Self.rules("维权", corpID: "ww_other")
            let both = MonitorConfiguration(
                rules: Array(own.rules.values) + Array(other.rules.values), directory: [])
            let monitor = Self.monitor { both }
            let records = [try Self.message("维权"), try Self.message("维权", corpID: "ww_other")]
            let effects = try await Self.run(monitor, records, on: pool)
            let ids = try effects.alerts.map {
                try JSONDecoder().decode(Alert.self, from: Data(try #require($0.value))).alertID
            }
            #expect(Set(ids).count == 2)
            #expect(try await Self.hits(pool).count == 2)
        }
    }

    @Test func recordsThatAreNoMessagesAreToldApartFromThoseWithoutWords() throws {
        let monitor = Self.monitor { MonitorConfiguration(rules: [:]) }
        func reason(_ value: [UInt8]?) -> String? {
            do {
                let record = Record(topic: Topics.chatMessages.name, partition: 0, offset: 0, value: value)
                _ = try monitor.decode(record)
                return nil
            } catch {
                return error.reason
            }
        }
        #expect(reason(nil) == "malformed_json")
        #expect(reason([]) == "malformed_json")
        #expect(reason(Array("{".utf8)) == "malformed_json")
        #expect(reason(Array("{}".utf8)) == "malformed_event")
        #expect(reason(Array("[]".utf8)) == "malformed_event")
        // A picture is a line of its conversation; an answer to the archive notice is not.
        #expect(try monitor.decode(Self.message(nil)) != nil)
        #expect(try monitor.decode(Self.message(nil, type: "agree")) == nil)
        #expect(try monitor.decode(Self.message("您好"))?.text == "您好")
    }

    @Test func aConfigurationUnderAnotherCorpsKeyIsRefused() throws {
        let value = Array(try JSONEncoder().encode(RulesConfiguration(corpID: Self.corpID, rules: [])))
        _ = try MonitorConfiguration.rules(key: "\(Self.corpID)/rules", value: value)
        #expect(throws: InvalidConfiguration.self) {
            try MonitorConfiguration.rules(key: "ww_other/rules", value: value)
        }
        #expect(throws: InvalidConfiguration.self) {
            try MonitorConfiguration.rules(key: "\(Self.corpID)/directory", value: value)
        }
    }
}

extension Effects {
    /// Without what is told of the lines after an alert.
    fileprivate var alerts: [OutgoingRecord] {
        outbox.filter { $0.headers.contains(Header(HeaderNames.eventType, text: Alert.eventType)) }
    }
}
