import Contracts
import ConversationArchive
import Postgres
import Records
import WorkerRuntime

/// The small sets a batch writes beside its rows: conversations, totals, recalls, consents, switches, files.
///
/// One row per object, in the order of the key, so that lanes that touch the same objects never wait for each other
/// crosswise. Facts are only ever inserted.
struct ArchiveFacts {
    private typealias Telling = (corpID: String, messageID: String, fact: ArchiveFact)

    private var tellings: [Telling] = []
    private let messages: [PlannedMessage]
    private let decision: ArchiveDecision

    /// - Parameter messages: those of the decision that are really stored.
    init(messages: [PlannedMessage], of decision: ArchiveDecision) {
        self.messages = messages
        self.decision = decision
        for planned in messages {
            guard let fact = planned.fact else { continue }
            let sheet = decision.sheet
            tellings.append((sheet.corpID(of: planned), sheet.messageID(of: planned), sheet.facts[fact]))
        }
    }

    /// One round trip, and a COPY each for files and for participants of new conversations, if there are any.
    func insert(
        _ conversations: ConversationStore, in transaction: PostgresTransaction, context: ApplyContext
    ) async throws {
        let lane = context.lane
        let sheet = decision.sheet
        let files = context.mayConflict ? MediaRows.statement(messages, on: sheet) : nil
        if !context.mayConflict, let rows = try MediaRows.buffer(of: messages, on: sheet) {
            try await transaction.copy(rows)
        }
        let pending = conversations.pending(among: messages, on: sheet)
        let statements = [
            pending.statement, ConversationTotals(of: messages, on: sheet).statement(lane: lane), recallStatement,
            consentStatement, switchStatement, positionStatement(lane: lane), files,
        ].compactMap(\.self)
        guard !statements.isEmpty else { return }
        let results = try await transaction.pipeline(statements)
        if pending.isEmpty { return }
        try await conversations.complete(
            pending, results[0], in: transaction, mayConflict: context.mayConflict)
    }

    private typealias Statement = (String, [PostgresValue])

    private var recallStatement: Statement? {
        let targets = tellings.compactMap { telling in
            telling.fact.recalledMessageID.map { (recall: telling, id: $0) }
        }.sorted {
            ($0.recall.corpID, $0.id, $0.recall.messageID) < ($1.recall.corpID, $1.id, $1.recall.messageID)
        }
        guard !targets.isEmpty else { return nil }
        return (
            """
            INSERT INTO archive.recalls
                (corp_id, target_base, msgid, target_msgid, target_filed_at, recalled_by, recalled_at)
            SELECT * FROM unnest(
                $1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::timestamptz[])
            ON CONFLICT (corp_id, target_base, msgid) DO NOTHING
            """,
            [
                .textArray(targets.map(\.recall.corpID)), .textArray(targets.map { MessageID.base($0.id) }),
                .textArray(targets.map(\.recall.messageID)), .textArray(targets.map(\.id)),
                .timestampArray(milliseconds: targets.map { FilingTime.milliseconds(inMessageID: $0.id) }),
                .textArray(targets.map(\.recall.fact.senderID)),
                .timestampArray(milliseconds: targets.map(\.recall.fact.time)),
            ]
        )
    }

    private var consentStatement: Statement? {
        let changes = tellings.compactMap { telling in
            telling.fact.consent.map { (telling: telling, consent: $0) }
        }.sorted {
            ($0.telling.corpID, $0.consent.customerID, $0.telling.messageID)
                < ($1.telling.corpID, $1.consent.customerID, $1.telling.messageID)
        }
        guard !changes.isEmpty else { return nil }
        return (
            """
            INSERT INTO archive.consents (corp_id, customer_id, msgid, employee_id, room_id, agreed, changed_at)
            SELECT * FROM unnest(
                $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::timestamptz[])
            ON CONFLICT (corp_id, customer_id, msgid) DO NOTHING
            """,
            [
                .textArray(changes.map(\.telling.corpID)), .textArray(changes.map(\.consent.customerID)),
                .textArray(changes.map(\.telling.messageID)), .textArray(changes.map(\.consent.employeeID)),
                .textArray(changes.map(\.telling.fact.roomID)), .boolArray(changes.map(\.consent.agreed)),
                .timestampArray(milliseconds: changes.map(\.consent.changedAt)),
            ]
        )
    }

    /// The highest number a puller gave, repeated messages included: where it may go on.
    private func positionStatement(lane: Int32) -> Statement? {
        let positions = decision.highestSequences.sorted { $0.key < $1.key }
        guard !positions.isEmpty else { return nil }
        return (
            """
            INSERT INTO archive.pull_positions AS p (corp_id, lane, seq)
            SELECT corp_id, $2, seq FROM unnest($1::text[], $3::bigint[]) AS new (corp_id, seq)
            ON CONFLICT (corp_id, lane) DO UPDATE SET seq = excluded.seq WHERE excluded.seq > p.seq
            """,
            [.textArray(positions.map(\.key)), .int32(lane), .int64Array(positions.map(\.value))]
        )
    }

    private var switchStatement: Statement? {
        guard !decision.switches.isEmpty else { return nil }
        let sorted = decision.switches.sorted {
            ($0.companySwitch.corpID, $0.companySwitch.messageID) < (
                $1.companySwitch.corpID, $1.companySwitch.messageID
            )
        }
        return (
            """
            INSERT INTO archive.switches (corp_id, msgid, user_id, switched_at, raw_offset, raw_partition, raw)
            SELECT * FROM unnest(
                $1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::bigint[], $6::integer[], $7::bytea[])
            ON CONFLICT (corp_id, msgid) DO NOTHING
            """,
            [
                .textArray(sorted.map(\.companySwitch.corpID)), .textArray(sorted.map(\.companySwitch.messageID)),
                .textArray(sorted.map(\.companySwitch.userID)),
                .timestampArray(milliseconds: sorted.map(\.companySwitch.switchedAt)),
                .int64Array(sorted.map(\.record.offset)), .int32Array(sorted.map(\.record.partition)),
                .bytesArray(sorted.map { $0.record.value }),
            ]
        )
    }
}
