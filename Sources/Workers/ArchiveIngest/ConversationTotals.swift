import Contracts
import Postgres
import Synchronization
import WorkerRuntime

/// What the messages of a batch add to the totals of their conversations: how many of each side, the first and the last.
///
/// A batch touches a conversation for every two of its messages, so updating the totals there would cost as much as
/// storing the messages. The batch writes one row that says what to add; the rows of many batches are folded into
/// `archive.conversation_totals` behind the stream. The view `archive.conversation_log` adds what is not folded yet.
struct ConversationTotals {
    /// How often what lanes have left is folded.
    static let interval = Duration.seconds(30)
    /// Batches of one lane folded in one transaction, at most.
    private static let batchesAtOnce: Int32 = 256

    private struct Sum {
        var employee: Int32 = 0
        var customer: Int32 = 0
        var robot: Int32 = 0
        var first: Int64?
        var last: Int64?
    }

    private var sums: [(key: ConversationKey, value: Sum)] = []

    /// - Parameter messages: those really stored.
    init(of messages: [PlannedMessage], on sheet: MessageSheet) {
        var sums = [Sum?](repeating: nil, count: sheet.conversations.count)
        for planned in messages where planned.counts {
            Self.add(planned, to: &sums[planned.conversation])
        }
        self.sums = zip(sheet.conversations, sums).compactMap { key, sum in sum.map { (key, $0) } }
    }

    private static func add(_ planned: PlannedMessage, to sum: inout Sum?) {
        var new = sum ?? Sum()
        switch planned.side {
        case .employee: new.employee += 1
        case .customer: new.customer += 1
        case .robot: new.robot += 1
        }
        if let time = planned.time {
            new.first = min(new.first ?? time, time)
            new.last = max(new.last ?? time, time)
        }
        sum = new
    }

    func statement(lane: Int32) -> (String, [PostgresValue])? {
        guard !sums.isEmpty else { return nil }
        let rows = sums
        return (
            """
            INSERT INTO archive.conversation_deltas
                (lane, corp_ids, conversation_ids, first_at, last_at, employee, customer, robot)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                .int32(lane), .textArray(rows.map(\.key.corpID)),
                .textArray(rows.map(\.key.name)),
                .timestampArray(milliseconds: rows.map(\.value.first)),
                .timestampArray(milliseconds: rows.map(\.value.last)),
                .int32Array(rows.map(\.value.employee)), .int32Array(rows.map(\.value.customer)),
                .int32Array(rows.map(\.value.robot)),
            ]
        )
    }

    /// Folds what the lanes have left, a lane at a time: its batches speak of the same conversations.
    static func fold(while lane: LaneSession<PostgresTransaction>) async throws {
        let more = Mutex(true)
        while more.withLock({ $0 }) {
            try await lane.transaction { transaction in
                let rows = try await transaction.execute(
                    "SELECT archive.fold_conversations($1)", [.int32(batchesAtOnce)])
                let folded = try rows[0].decode(Int32.self, at: 0)
                more.withLock { $0 = folded > 0 }
                return .none
            }
        }
    }
}
