import Contracts
import ConversationArchive
import Postgres
import Records

/// The small sets a batch writes beside its rows: conversations, recalls, consents, switches.
///
/// One row per object, in the order of the key, so that lanes that touch the same objects never wait for each other
/// crosswise. Facts are only ever inserted.
struct ArchiveFacts {
    private var recalls: [ChatMessage] = []
    private var consents: [ArchivedMessage] = []
    private let messages: [PlannedMessage]
    private let switches: [PlannedSwitch]

    /// - Parameter messages: those really stored.
    init(messages: [PlannedMessage], switches: [PlannedSwitch]) {
        self.messages = messages
        self.switches = switches
        for planned in messages {
            guard let fact = planned.fact else { continue }
            if fact.message.recalledMessageID != nil { recalls.append(fact.message) }
            if fact.consent != nil { consents.append(fact) }
        }
    }

    /// One round trip; none when there is nothing to say.
    func insert(_ conversations: ConversationStore, in transaction: PostgresTransaction) async throws {
        let pending = conversations.pending(among: messages)
        let facts = [recallStatement, consentStatement, switchStatement].compactMap(\.self)
        if let statement = pending.statement {
            let rows = try await transaction.pipeline([statement] + facts)
            try conversations.learn(from: pending, rows[0])
        } else if !facts.isEmpty {
            try await transaction.pipeline(facts)
        }
    }

    private typealias Statement = (String, [PostgresValue])

    private var recallStatement: Statement? {
        let targets = recalls.compactMap { recall in recall.recalledMessageID.map { (recall: recall, id: $0) } }
            .sorted { ($0.recall.corpID, $0.id, $0.recall.messageID) < ($1.recall.corpID, $1.id, $1.recall.messageID) }
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
                .textArray(targets.map(\.recall.sender.id)),
                .timestampArray(milliseconds: targets.map { $0.recall.sentAt ?? $0.recall.filedAt }),
            ]
        )
    }

    private var consentStatement: Statement? {
        let changes = consents.compactMap { archived in archived.consent.map { (archived: archived, consent: $0) } }
            .sorted {
                ($0.archived.message.corpID, $0.consent.customerID, $0.archived.message.messageID)
                    < ($1.archived.message.corpID, $1.consent.customerID, $1.archived.message.messageID)
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
                .textArray(changes.map(\.archived.message.corpID)), .textArray(changes.map(\.consent.customerID)),
                .textArray(changes.map(\.archived.message.messageID)), .textArray(changes.map(\.consent.employeeID)),
                .textArray(changes.map(\.archived.roomID)), .boolArray(changes.map(\.consent.agreed)),
                .timestampArray(milliseconds: changes.map(\.consent.changedAt)),
            ]
        )
    }

    private var switchStatement: Statement? {
        guard !switches.isEmpty else { return nil }
        let sorted = switches.sorted {
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
