import ArchiveIngest
import Contracts
import ConversationArchive
import FleetOperator
import Postgres
import Records
import TestSupport
import WorkerRuntime

/// The handler on a database of its own, driven as the runtime drives it: a batch that meets stored rows is repeated the
/// tolerant way.
struct ArchiveHarness {
    static let corpID = "ww1c0ffee"
    static let customer = "wmR4xTCwAAq0Zc7hVw2Ue8mJt5Lk9PsA"

    let database: TestDatabase
    let pool: PostgresPool
    let handler = ArchiveIngest(namespace: Namespace("test"), clock: FixedClock()) {
        ArchiveDirectory(corps: [corpID])
    }

    static func withArchive(_ body: (ArchiveHarness) async throws -> Void) async throws {
        try await TestDatabase.withDatabase { database in
            try await database.withPool(user: Schema.archive.role) { pool in
                try await body(ArchiveHarness(database: database, pool: pool))
            }
        }
    }

    /// A record that is no message.
    struct Refusal {
        var offset: Int64
        var reason: String
    }

    /// What one batch brought about.
    struct Outcome {
        var effects: Effects
        var attempts: Int
        /// What became a dead letter.
        var refused: [Refusal]

        func messages() -> [OutgoingRecord] { published("test.chat.messages.v1") }
        func customerEvents() -> [OutgoingRecord] { published("test.customer.events.v1") }
        private func published(_ topic: String) -> [OutgoingRecord] {
            effects.derived.map(\.record).filter { $0.topic == topic }
        }
    }

    /// - Parameters:
    ///   - failure: thrown after everything was written, so that the transaction is rolled back.
    ///   - oneByOne: the records are read as redriven ones are, not as a batch.
    func ingest(
        _ values: [String], partition: Int32 = 0, firstOffset: Int64 = 0, failing failure: (any Error)? = nil,
        oneByOne: Bool = false
    ) async throws -> Outcome {
        try await ingest(
            bytes: values.map { Array($0.utf8) }, partition: partition, firstOffset: firstOffset, failing: failure,
            oneByOne: oneByOne)
    }

    func ingest(
        bytes values: [[UInt8]], partition: Int32 = 0, firstOffset: Int64 = 0, failing failure: (any Error)? = nil,
        oneByOne: Bool = false
    ) async throws -> Outcome {
        var items: [Batch<PlannedRecord>.Item] = []
        var refused: [Refusal] = []
        func read(with decode: (Record) throws(Undecodable) -> PlannedRecord?) {
            for (index, value) in values.enumerated() {
                let record = Record(
                    topic: "test.chat.raw.v1", partition: partition, offset: firstOffset + Int64(index),
                    timestampMilliseconds: 1_741_600_000_000, key: nil, value: value)
                do throws(Undecodable) {
                    if let event = try decode(record) { items.append(.init(event: event, record: record)) }
                } catch {
                    refused.append(Refusal(offset: record.offset, reason: error.reason))
                }
            }
        }
        if oneByOne {
            read { (record) throws(Undecodable) in try handler.decode(record) }
        } else {
            handler.reading { decode in read(with: decode) }
        }
        let batch = Batch(lane: partition, items: items, nowMilliseconds: 1_741_600_000_000)
        for attempt in 1...3 {
            do {
                let decision = handler.decide(batch)
                let context = ApplyContext(
                    lane: partition, attempt: attempt, mayConflict: attempt > 1, nowMilliseconds: 1_741_600_000_000)
                let effects = try await pool.withTransaction { transaction in
                    let effects = try await handler.apply(decision, in: transaction, context: context)
                    if let failure { throw failure }
                    return effects
                }
                return Outcome(effects: effects, attempts: attempt, refused: refused)
            } catch let error as PostgresError where error.sqlState == .uniqueViolation {
                continue
            }
        }
        throw StillConflicting()
    }

    func count(_ table: String, where condition: String = "true") async throws -> Int64 {
        let rows = try await pool.withConnection { connection in
            try await connection.execute("SELECT count(*) FROM archive.\(table) WHERE \(condition)")
        }
        return try rows[0].decode(Int64.self, at: 0)
    }

    func execute(_ sql: String) async throws {
        _ = try await pool.withConnection { try await $0.execute(sql) }
    }

    func strings(_ sql: String) async throws -> [String] {
        let rows = try await pool.withConnection { try await $0.execute(sql) }
        return try rows.map { try $0.decode(String.self, at: 0) }
    }

    /// Folds the totals as housekeeping does, until nothing is left.
    func fold() async throws {
        while try await strings("SELECT archive.fold_conversations(3)::text") != ["0"] {}
    }

    /// What `scrm archive check` finds.
    func differences() async throws -> [ArchiveCheck.Difference] {
        let databases = FleetDatabases { _ in database.configuration() }
        do {
            let found = try await ArchiveCheck(databases: databases).run().differences
            await databases.close()
            return found
        } catch {
            await databases.close()
            throw error
        }
    }

    /// All that the archive says, whatever way it came: one text for each row, sorted.
    func content() async throws -> [String] {
        let way = "- 'raw_offset' - 'raw_partition' - 'ingested_at'"
        var content: [String] = []
        for table in [
            "message_log", "conversation_log", "participants", "recalls", "consents", "consent_state", "switches",
            "media_jobs", "timeless_messages", "pull_cursor",
        ] {
            content += try await strings("SELECT '\(table) ' || (to_jsonb(t) \(way))::text FROM archive.\(table) t")
        }
        content += try await strings(
            "SELECT 'versions ' || (to_jsonb(t) \(way) - 'raw')::text FROM archive.versions t")
        return content.sorted()
    }

    /// A text message with members replaced or, with an empty value, left out.
    static func json(_ changes: [String: String] = [:]) -> String {
        var members = [
            "msgid": #""7304418299001275566_1741571101223_external""#, "action": #""send""#, "from": #""LinXiaoMan""#,
            "tolist": "[\"\(customer)\"]", "roomid": #""""#, "msgtime": "1741571101102", "msgtype": #""text""#,
            "text": #"{"content":"您好"}"#, "corp_id": "\"\(corpID)\"",
        ]
        members.merge(changes) { _, new in new }
        let written = members.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
        return "{" + written.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }

    /// A text message.
    static func text(
        _ number: Int, id: String? = nil, content: String = "您好", milliseconds: Int64 = 1_741_571_101_223, seq: Int = 1
    ) -> String {
        let id = id ?? "\(1000 + number)_\(milliseconds)_external"
        return """
            {"msgid":"\(id)","action":"send","from":"LinXiaoMan","tolist":["\(customer)"],"roomid":"",\
            "msgtime":\(milliseconds),"msgtype":"text","text":{"content":"\(content)"},\
            "seq":\(seq),"corp_id":"\(corpID)"}
            """
    }

    /// A message in a room; nobody in it but those named.
    static func room(_ number: Int, from: String, to: [String]) -> String {
        """
        {"msgid":"\(1000 + number)_1741571101223","action":"send","from":"\(from)",\
        "tolist":[\(to.map { "\"\($0)\"" }.joined(separator: ","))],"roomid":"wrTestRoom0000000001",\
        "msgtime":1741571101223,"msgtype":"text","text":{"content":"好"},"seq":1,"corp_id":"\(corpID)"}
        """
    }

    struct StillConflicting: Error {}
}

/// A clock that stands still; the handler asks it only for making months.
struct FixedClock: RuntimeClock {
    var uptime: Duration { .zero }
    var nowMilliseconds: Int64 { 1_741_600_000_000 }
    func sleep(for duration: Duration) async throws { throw CancellationError() }
    func random() -> UInt64 { 4 }
}
