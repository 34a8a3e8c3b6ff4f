import Contracts
import Foundation
import Postgres
import Records
import WorkerRuntime

/// Appends each message id to the trail of its conversation. Nothing here notices a repetition: only the runtime does.
struct CountingHandler: BatchHandler {
    static let schema = "counting"
    static let table = MigrationStep(
        name: "V0003_trails",
        sql: "CREATE TABLE counting.trails (conversation text PRIMARY KEY, trail text NOT NULL)")

    func decode(_ record: Record) throws(Undecodable) -> ChatMessage? {
        do {
            return try JSONDecoder().decode(ChatMessage.self, from: Data(record.value ?? []))
        } catch {
            throw Undecodable(reason: "malformed_json", detail: "not a chat message")
        }
    }

    func decide(_ batch: Batch<ChatMessage>) -> [(conversation: String, trail: String)] {
        var trails: [String: String] = [:]
        for item in batch.items {
            trails[item.event.conversation.id, default: ""] += item.event.messageID + "\n"
        }
        return trails.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
    }

    func apply(
        _ trails: [(conversation: String, trail: String)], in transaction: PostgresTransaction, context: ApplyContext
    ) async throws -> Effects {
        try await transaction.execute(
            """
            INSERT INTO counting.trails AS old (conversation, trail)
            SELECT * FROM unnest($1::text[], $2::text[])
            ON CONFLICT (conversation) DO UPDATE SET trail = old.trail || excluded.trail
            """,
            [.textArray(trails.map(\.conversation)), .textArray(trails.map(\.trail))])
        return .none
    }
}
