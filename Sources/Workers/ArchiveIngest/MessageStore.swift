import Contracts
import ConversationArchive
import Postgres
import WorkerRuntime

/// Writes messages so that each (corp, msgid) is stored once, and tells which were.
///
/// The fast way copies rows straight into the table: a message that is there already fails the transaction, and the
/// runtime repeats the batch the tolerant way, through a temporary table. Messages whose msgid holds no time are claimed
/// in a table of their own first, either way.
struct MessageStore: Sendable {
    private let months = MonthPartitions()
    private let conflicts = ConflictMemory()

    /// - Returns: the messages really stored, in the order of their records.
    func insert(
        _ decision: ArchiveDecision, in transaction: PostgresTransaction, context: ApplyContext
    ) async throws -> [PlannedMessage] {
        try await months.ensure(decision.months, in: transaction)
        let tolerant = context.mayConflict || conflicts.expectsConflicts(on: context.lane)
        let stored: [PlannedMessage]
        do {
            if decision.isTimely, !tolerant {
                try await transaction.copy(decision.sheet.rows(of: decision.messages))
                stored = decision.messages
            } else {
                stored = try await insertCarefully(decision, tolerant: tolerant, in: transaction)
            }
        } catch let error as PostgresError where MissingPartition.isCause(error) {
            months.forget()
            throw MissingPartition()
        }
        let refused = decision.messages.count - stored.count
        conflicts.record(conflicts: refused, on: context.lane)
        if refused > 0 || !decision.repeated.isEmpty {
            let storedPlaces = Set(stored.map(\.place))
            let again = decision.messages.filter { !storedPlaces.contains($0.place) } + decision.repeated
            try await VersionStore.insert(again, on: decision.sheet, in: transaction)
        }
        return stored
    }

    private func insertCarefully(
        _ decision: ArchiveDecision, tolerant: Bool, in transaction: PostgresTransaction
    ) async throws -> [PlannedMessage] {
        let timely = decision.messages.filter(\.isFiledByID)
        let timeless = decision.messages.filter { !$0.isFiledByID }
        var places = Set(timely.map(\.place))
        if tolerant {
            places = try await Self.insertThroughStaging(timely, on: decision.sheet, in: transaction)
        } else {
            try await transaction.copy(decision.sheet.rows(of: timely))
        }
        let claimed = try await Self.claim(timeless, on: decision.sheet, in: transaction)
        places.formUnion(claimed.map(\.place))
        try await transaction.copy(decision.sheet.rows(of: claimed))
        return decision.messages.filter { places.contains($0.place) }
    }

    /// - Returns: places of the rows that were not there before.
    private static func insertThroughStaging(
        _ messages: [PlannedMessage], on sheet: MessageSheet, in transaction: PostgresTransaction
    ) async throws -> Set<RawPlace> {
        guard !messages.isEmpty else { return [] }
        let missing = try await transaction.execute("SELECT to_regclass('pg_temp.messages_staging') IS NULL")
        if try missing.first?.decode(Bool.self, at: 0) != false {
            try await transaction.execute(
                """
                CREATE TEMPORARY TABLE messages_staging (LIKE archive.messages INCLUDING DEFAULTS)
                ON COMMIT DELETE ROWS
                """)
        }
        try await transaction.copy(sheet.rows(of: messages, for: "pg_temp.messages_staging"))
        // In the order of the key: two lanes that bring the same messages must not wait for each other crosswise.
        let columns = MessageRows.columns.joined(separator: ", ")
        let inserted = try await transaction.execute(
            """
            INSERT INTO archive.messages (\(columns))
            SELECT \(columns) FROM pg_temp.messages_staging
            ORDER BY filed_at, msgid COLLATE "C", corp_id COLLATE "C"
            ON CONFLICT (filed_at, msgid, corp_id) DO NOTHING
            RETURNING raw_partition, raw_offset
            """)
        var places: Set<RawPlace> = []
        places.reserveCapacity(inserted.count)
        for row in inserted {
            let (partition, offset) = try row.decode(Int32.self, Int64.self)
            places.insert(RawPlace(partition: partition, offset: offset))
        }
        return places
    }

    /// Takes the ids of messages without a time in them. A claim by another transaction that is under way is waited for.
    /// - Returns: the messages whose id was free.
    private static func claim(
        _ messages: [PlannedMessage], on sheet: MessageSheet, in transaction: PostgresTransaction
    ) async throws -> [PlannedMessage] {
        guard !messages.isEmpty else { return [] }
        let claimed = try await transaction.execute(
            """
            INSERT INTO archive.timeless_messages (corp_id, msgid, filed_at)
            SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS new (corp_id, msgid, filed_at)
            ORDER BY corp_id COLLATE "C", msgid COLLATE "C"
            ON CONFLICT (corp_id, msgid) DO NOTHING
            RETURNING corp_id, msgid
            """,
            [
                .textArray(messages.map(sheet.corpID)), .textArray(messages.map(sheet.messageID)),
                .timestampArray(milliseconds: messages.map(\.filedAt)),
            ])
        var keys: Set<[String]> = []
        for row in claimed {
            let (corpID, messageID) = try row.decode(String.self, String.self)
            keys.insert([corpID, messageID])
        }
        return messages.filter { keys.contains([sheet.corpID(of: $0), sheet.messageID(of: $0)]) }
    }
}
