import ArchiveIngest
import Foundation
import JSON
import Postgres
import TestSupport
import Testing

/// Whatever happens to a message's bytes, it is stored as it came or has a reason not to be.
@Suite("Archive: any bytes into the database", .requiresPostgres)
struct ArchiveFuzzTests {
    private typealias Harness = ArchiveHarness

    /// As many as `ARCHIVE_FUZZ_MESSAGES` says.
    private static let messages =
        ProcessInfo.processInfo.environment["ARCHIVE_FUZZ_MESSAGES"].flatMap(Int.init) ?? 2000

    @Test func mutatedMessagesAreStoredOrRefused() async throws {
        let seed = ArchiveMessages.seed()
        print("archive fuzz seed \(seed), \(Self.messages) messages")
        var random = SeededGenerator(seed: seed)
        let kinds = try ArchiveMessages.everyKind()
        try await Harness.withArchive { archive in
            var refused = 0
            var stored = 0
            var done = 0
            while done < Self.messages {
                let count = min(500, Self.messages - done)
                let values = (0..<count).map { index in
                    // An id of its own, unless that is what is damaged.
                    let text = kinds[Int.random(in: 0..<kinds.count, using: &random)]
                        .replacing(#""msgid":""#, with: #""msgid":"\#(10_000_000 + done + index)"#)
                    return ArchiveMessages.mutated(text, &random)
                }
                let outcome = try await archive.ingest(bytes: values, firstOffset: Int64(done))
                refused += outcome.refused.count
                #expect(outcome.refused.allSatisfy { Self.reasons.contains($0.reason) }, "seed \(seed)")
                let rows = try await archive.pool.withConnection { connection in
                    try await connection.execute(
                        """
                        SELECT raw_offset, raw FROM archive.messages WHERE raw_offset >= $1
                        UNION ALL SELECT raw_offset, raw FROM archive.switches WHERE raw_offset >= $1
                        UNION ALL SELECT raw_offset, raw FROM archive.versions WHERE raw_offset >= $1
                        """, [.int64(Int64(done))])
                }
                var kept: Set<Int64> = []
                for row in rows {
                    let (offset, raw) = try row.decode(Int64.self, [UInt8].self)
                    if raw != values[Int(offset) - done] { Issue.record("seed \(seed): other bytes at \(offset)") }
                    kept.insert(offset)
                }
                stored += rows.count
                let settled = kept.union(outcome.refused.map(\.offset))
                // What is neither must have come twice: a digit of its id became another's.
                for offset in Int64(done)..<Int64(done + count) where !settled.contains(offset) {
                    let value = values[Int(offset) - done]
                    let id = try #require(Self.messageID(in: value))
                    let same = values.count { Self.messageID(in: $0) == id }
                    if same < 2 { Issue.record("seed \(seed): the message at \(offset) is lost") }
                }
                // The next batch begins with empty tables: what is looked for stays small.
                try await archive.execute("DELETE FROM archive.messages")
                try await archive.execute("DELETE FROM archive.timeless_messages")
                try await archive.execute("DELETE FROM archive.media_jobs")
                try await archive.execute("DELETE FROM archive.switches")
                try await archive.execute("DELETE FROM archive.versions")
                done += count
            }
            #expect(stored > 0 && refused > 0, "seed \(seed): \(stored) stored, \(refused) refused")
        }
    }

    private static func messageID(in value: [UInt8]) -> String? {
        let parser = JSONParser()
        return withExtendedLifetime(parser) {
            (try? parser.parseMending(value).root["msgid"]?.identifier)?.string
        }
    }

    private static let reasons: Set<String> = [
        "malformed_json", "no_msgid", "bad_envelope", "unknown_action", "bad_recall", "unknown_corp",
    ]
}
