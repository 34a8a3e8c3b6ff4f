import Contracts
import FleetHarness
import Foundation
import Records
import Synchronization
import TestSupport
import Testing

/// The tag scorer dies again and again while events flow; afterwards the tags are those of a recount, and every change was
/// published once.
@Suite(.requiresPostgres, .serialized)
struct TagScorerStormTests {
    private static let customers = 60

    /// Carts for everybody; of each three customers one pays, one clears the cart, one goes on wanting. Shuffled, and every
    /// fifth line comes twice.
    private static func lines(seed: UInt64, now: Int64) -> [String] {
        var random = SeededGenerator(seed: seed)
        var lines: [String] = []
        func add(_ customer: Int, _ type: String, _ id: String, _ time: Int64, _ rest: String = "") {
            lines.append(
                """
                {"corp_id":"\(ChatStream.corp)","customer_id":"wm\(customer)","source":"shop","type":"\(type)",\
                "event_id":"\(customer)-\(id)","occurred_at":\(time)\(rest)}
                """)
        }
        for customer in 0..<customers {
            for cart in 0..<5 { add(customer, "cart.added", "c\(cart)", now - Int64(cart) * 60_000) }
            switch customer % 3 {
            case 0: add(customer, "order.paid", "p", now - 10, #","order_id":"o\#(customer)","amount":200001"#)
            case 1: add(customer, "cart.cleared", "x", now - 10)
            default: break
            }
        }
        lines += lines.enumerated().filter { $0.offset % 5 == 0 }.map(\.element)
        lines.shuffle(using: &random)
        return lines
    }

    @Test(.patient)
    func tagsAreThoseOfARecountHoweverOftenTheScorerDies() async throws {
        let seed = UInt64.random(in: 0...UInt64(UInt32.max))
        print("tag scorer storm: seed \(seed)")
        try await TestFleet.withFleet(isConfigured: false) { fleet in
            let rules = Self.root.appendingPathComponent("deploy/demo/tag-rules.yaml").path
            try await fleet.scrm("tag-rules", "apply", rules, "--corp", ChatStream.corp)
            let copies = try FleetCopies(fleet, of: [Programs.tagScorer], copies: 2)
            try await fleet.slowCommits(of: ["tagging"])
            let lines = Self.lines(seed: seed, now: Int64(Date.now.timeIntervalSince1970 * 1000) - 1_000)
            let file = fleet.folder.appendingPathComponent("events.jsonl")
            try Data((lines + ["{}"]).joined(separator: "\n").utf8).write(to: file)
            let storm = FaultSequence([.kill(copies)], seed: seed)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await storm.run(until: .now + .seconds(15), atLeast: ["kill": 3]) }
                group.addTask {
                    let failed = await #expect(throws: ProgramFailed.self) {
                        try await fleet.scrm("events", "ingest", file.path, "--rate", "30")
                    }
                    // Done, except for the bad line, which is told by its number.
                    #expect(failed?.code == 4)
                    #expect(failed?.output.contains("line \(lines.count + 1): member `type` is missing") == true)
                }
                try await group.waitForAll()
            }
            try await fleet.drain(worker: Programs.tagScorer)
            #expect(copies.complaints == [])
            let events = try await fleet.query("SELECT count(*) FROM tagging.events", as: Int64.self)
            #expect(events == [Int64(Set(lines).count)])
            try await fleet.scrm("tags", "verify")
            let held = try await fleet.query(
                "SELECT customer_id, tag FROM tagging.tags WHERE held ORDER BY 1, 2", as: String.self, String.self)
            let wanting = (0..<Self.customers).filter { $0 % 3 == 2 }.map { "wm\($0) high-intent" }
            let paying = (0..<Self.customers).filter { $0 % 3 == 0 }.map { "wm\($0) vip" }
            #expect(held.map { "\($0.0) \($0.1)" } == (wanting + paying).sorted())

            let seen = Mutex<[String]>([])
            _ = try await fleet.published(
                Topics.customerTags,
                as: PublishedStream { record in
                    let change = try JSONDecoder().decode(TagChange.self, from: Data(record.value ?? []))
                    seen.withLock {
                        $0.append("\(change.customerID) \(change.tag) \(change.revision) \(change.change.rawValue)")
                    }
                    return []
                })
            let decided = try await fleet.query(
                "SELECT concat_ws(' ', customer_id, tag, revision, change) FROM tagging.changes", as: String.self)
            #expect(seen.withLock { $0 }.sorted() == decided.sorted())
        }
    }

    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
