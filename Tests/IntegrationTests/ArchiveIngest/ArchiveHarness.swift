import ArchiveIngest
import Contracts
import ConversationArchive
import Postgres
import Records
import TestSupport
import WorkerRuntime

/// The handler on a database of its own, driven as the runtime drives it: a batch that meets stored rows is repeated the
/// tolerant way.
struct ArchiveHarness {
    static let corpID = "ww1c0ffee"
    static let customer = "wmR4xTCwAAq0Zc7hVw2Ue8mJt5Lk9PsA"

    let pool: PostgresPool
    let handler = ArchiveIngest(namespace: Namespace("test"), clock: FixedClock()) {
        ArchiveDirectory(corps: [corpID])
    }

    static func withArchive(_ body: (ArchiveHarness) async throws -> Void) async throws {
        try await TestDatabase.withDatabase { database in
            try await database.withPool(user: Schema.archive.role) { try await body(ArchiveHarness(pool: $0)) }
        }
    }

    /// What one batch brought about.
    struct Outcome {
        var effects: Effects
        var attempts: Int

        func messages() -> [OutgoingRecord] { published("test.chat.messages.v1") }
        func customerEvents() -> [OutgoingRecord] { published("test.customer.events.v1") }
        private func published(_ topic: String) -> [OutgoingRecord] {
            effects.derived.map(\.record).filter { $0.topic == topic }
        }
    }

    /// - Parameter failure: thrown after everything was written, so that the transaction is rolled back.
    func ingest(
        _ values: [String], partition: Int32 = 0, firstOffset: Int64 = 0, failing failure: (any Error)? = nil
    ) async throws -> Outcome {
        let items = try values.enumerated().compactMap { index, value -> Batch<PlannedRecord>.Item? in
            let record = Record(
                topic: "test.chat.raw.v1", partition: partition, offset: firstOffset + Int64(index),
                timestampMilliseconds: 1_741_600_000_000, key: nil, value: Array(value.utf8))
            return try handler.decode(record).map { Batch.Item(event: $0, record: record) }
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
                return Outcome(effects: effects, attempts: attempt)
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
