import ArchiveIngest
import Foundation
import Postgres
import Records
import TestSupport
import Testing
import WorkerRuntime

/// Whatever way the same messages come, the archive is the same.
@Suite("Archive: the way messages come doesn't matter", .requiresPostgres)
struct ArchivePropertyTests {
    private typealias Harness = ArchiveHarness

    /// Runs on each start, and as many as `ARCHIVE_PROPERTY_RUNS` says.
    private static let runs = ProcessInfo.processInfo.environment["ARCHIVE_PROPERTY_RUNS"].flatMap(Int.init) ?? 2

    @Test func anySplitAndAnyLanesWithRedeliveriesGiveTheSameTables() async throws {
        for _ in 0..<Self.runs {
            let seed = ArchiveMessages.seed()
            print("archive property seed \(seed)")
            var random = SeededGenerator(seed: seed)
            let values = try ArchiveMessages.drawn(Int.random(in: 20...150, using: &random), &random)
            var expected: [String] = []
            try await Harness.withArchive { archive in
                _ = try await archive.ingest(bytes: values)
                expected = try await archive.content()
            }
            try await Harness.withArchive { archive in
                var offset: Int64 = 0
                var start = 0
                while start < values.count {
                    let end = min(values.count, start + Int.random(in: 1...40, using: &random))
                    let lane = Int32.random(in: 0..<4, using: &random)
                    _ = try await archive.ingest(
                        bytes: Array(values[start..<end]), partition: lane, firstOffset: offset,
                        oneByOne: Bool.random(using: &random))
                    if Bool.random(using: &random) {
                        let prefix = Int.random(in: 1...end, using: &random)
                        let again = Int32.random(in: 0..<4, using: &random)
                        let redelivered = try await archive.ingest(
                            bytes: Array(values[..<prefix]), partition: again, firstOffset: offset + 10_000)
                        #expect(redelivered.effects.derived.isEmpty, "seed \(seed)")
                    }
                    if Int.random(in: 0..<4, using: &random) == 0 { try await archive.fold() }
                    start = end
                    offset += 100_000
                }
                let found = try await archive.content()
                #expect(found == expected, "seed \(seed)")
                #expect(try await archive.differences().isEmpty, "seed \(seed)")
            }
        }
    }
}

/// Messages of every kind and with every oddity, many of them about the same few people and ids.
enum ArchiveMessages {
    /// `ARCHIVE_SEED`, to repeat a run; else another one each time.
    static func seed() -> UInt64 {
        ProcessInfo.processInfo.environment["ARCHIVE_SEED"].flatMap(UInt64.init) ?? .random(in: .min ... .max)
    }

    static func everyKind() throws -> [String] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(
            contentsOf: tests.appending(path: "Fixtures/ConversationArchive/every-kind.jsonl"), encoding: .utf8
        ).split(separator: "\n").map { #"{"corp_id":"\#(ArchiveHarness.corpID)","# + $0.dropFirst() }
    }

    static func drawn(_ count: Int, _ random: inout SeededGenerator) throws -> [[UInt8]] {
        let kinds = try everyKind()
        return (0..<count).map { _ in
            let kind = kinds[Int.random(in: 0..<kinds.count, using: &random)]
            return switch Int.random(in: 0..<10, using: &random) {
            case 0..<3: Array(kind.utf8)
            case 3: mutated(kind, &random)
            default: Array(message(&random).utf8)
            }
        }
    }

    /// A text message, an answer to the notice or a recall, among few ids, so that many come again in other words.
    private static func message(_ random: inout SeededGenerator) -> String {
        let people = ["LinXiaoMan", "linxiaoman", "hejun", ArchiveHarness.customer, "wbR4xTCwAAd2Wm6oXj9Cn3Yq8Bu5Ff1T"]
        func draw<Element>(_ list: [Element]) -> Element { list[Int.random(in: 0..<list.count, using: &random)] }
        let number = Int.random(in: 0..<40, using: &random)
        let ids = ["\(number)_1741571101223", "\(number)_1741571101_external", "\(number)", "CAQQ\(number)="]
        var members = [
            "msgid": "\"\(draw(ids))\"", "from": "\"\(draw(people))\"", "tolist": "[\"\(draw(people))\"]",
            "roomid": "\"\(draw(["", "", "wrA"]))\"", "seq": "\(Int.random(in: 1...999, using: &random))",
            "msgtime": draw(["1741571101102", "1741571101102", "1741571101", "0", "\"1751571101102\""]),
            "text": "{\"content\":\"\(draw(["您好", "您好", "改过"]))\"}",
        ]
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
            let target = "\(Int.random(in: 0..<40, using: &random))_1741571101223"
            members.merge([
                "msgid": "\"r\(number)_1\"", "action": #""recall""#, "msgtype": #""revoke""#,
                "revoke": "{\"pre_msgid\":\"\(target)\"}",
            ]) { $1 }
        case 1:
            members.merge(["msgtype": #""agree""#, "agree": "{\"userid\":\"\(ArchiveHarness.customer)\"}"]) { $1 }
        default: break
        }
        return ArchiveHarness.json(members)
    }

    static func mutated(_ text: String, _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = Array(text.utf8)
        let interesting = Array(#"{}[]":,\u0dtfn-19e."#.utf8) + [0, 0x1F, 0x80, 0xC3, 0xED, 0xFF]
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[place] = interesting[Int.random(in: 0..<interesting.count, using: &random)]
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(interesting[Int.random(in: 0..<interesting.count, using: &random)], at: place)
            default:
                bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0..<40, using: &random)))
            }
        }
        return bytes
    }
}
