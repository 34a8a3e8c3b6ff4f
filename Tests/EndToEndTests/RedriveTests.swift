import Contracts
import FleetHarness
import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Dead letters are processed again by the real programs, while `scrm` and the workers are killed.
@Suite(.requiresPostgres, .serialized)
struct RedriveTests {
    private static let corp = "wwfeedfacecafebeef"

    /// The counting worker's effect cannot be repeated unnoticed, and its messages depend on those before them.
    @Test(.patient)
    func parkedConversationsAreRedrivenOnceAndInOrderWhateverIsKilled() async throws {
        let seed = UInt64.random(in: 0...UInt64(UInt32.max))
        print("redrive: seed \(seed)")
        try await TestFleet.withFleet { fleet in
            let stream = ChatStream.plain(seed: seed, count: 6_000)
            let file = fleet.folder.appendingPathComponent("broken")
            try Data().write(to: file)
            // Ten of 200 conversations, in ten lanes.
            let poison = "s:\(ChatStream.employee(3))|"
            let ingest = try fleet.start(Programs.archiveIngest)
            let copies = try FleetCopies(
                fleet, of: ["counting-worker"], copies: 2,
                arguments: [
                    "counting-worker": [
                        "--namespace", fleet.namespace.name, "--schema", "monitor", "--waits", "--poison", poison,
                        "--poison-while", file.path,
                    ]
                ])
            let storm = FaultSequence(
                [.kill(copies), .kill(copies), .kill(copies), .kill(copies), .freeze(copies)], seed: seed,
                pause: 700...2_000)
            try await ChatProducer(fleet: fleet, stream: stream).run(rate: 1_000)
            let poisoned = Set(stream.messages.map(\.conversation)).filter {
                ChatStream.conversationID($0).hasPrefix(poison)
            }
            let behind = stream.messages.count { poisoned.contains($0.conversation) } - poisoned.count
            try await eventually("\(poisoned.count) dead letters, \(behind) records parked") {
                let counts = try await fleet.query(
                    "SELECT (SELECT count(*) FROM monitor.dead_letters), (SELECT count(*) FROM monitor.parked)",
                    as: Int64.self, Int64.self)[0]
                return counts == (Int64(poisoned.count), Int64(behind))
            }
            let oracle = Oracle(stream)
            try await eventually("all other conversations went on") {
                try await oracle.unfinishedTrails(fleet, schema: "monitor") == poisoned
            }
            let keys = try await fleet.scrm("keys", "list", "--json", "--worker", Programs.sensitiveWordMonitor)
            #expect(keys.components(separatedBy: "\"key\":").count - 1 == poisoned.count)

            try FileManager.default.removeItem(at: file)
            let redrive = [
                "dead-letters", "redrive", "--worker", Programs.sensitiveWordMonitor, "--reason", "repaired", "--by",
                "test", "--rate", "4",
            ]
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await storm.run(until: .now + .seconds(600)) }
                for _ in 0..<12 {
                    let program = try fleet.startOperator(redrive)
                    try await Task.sleep(for: .seconds(1))
                    program.send(SIGKILL)
                    _ = try await program.exitCode()
                }
                try await group.cancelAndWait()
            }
            // Two copies that are killed every other second may never get a lane; once that ceases they do.
            try await fleet.scrm(redrive + TestFleet.patient)
            print("redrive: \(storm.counts)")
            let trails = try await oracle.trails(fleet, schema: "monitor")
            #expect(trails == .none)
            let left = try await fleet.query(
                """
                SELECT (SELECT count(*) FROM monitor.dead_letters) + (SELECT count(*) FROM monitor.parked)
                    + (SELECT count(*) FROM monitor.parked_keys WHERE leaves_topics IS NULL)
                """, as: Int64.self)
            #expect(left[0] == 0)
            #expect(copies.complaints == [])
            #expect(ingest.isRunning)

            // Each was asked for once, by one operation, in the name of who began it. Its number is nobody's business: who is
            // killed in the middle may use one up.
            func record() async throws -> [String] {
                try await fleet.query(
                    """
                    SELECT format('%s %s %s %s', o.asked_by, o.reason, r.action, r.outcome) || count(*)
                    FROM monitor.operations o JOIN monitor.requests r ON r.operation = o.id
                    WHERE r.dead_letter IS NOT NULL GROUP BY o.id, r.action, r.outcome
                    """, as: String.self)
            }
            let before = try await record()
            #expect(before == ["test repaired redrive done\(poisoned.count)"])
            try await fleet.scrm(redrive)
            let after = try await record()
            #expect(after == before, "a second run changes nothing")
        }
    }

    /// The corp is unknown at first, so nothing can be decoded; everything goes the whole way once it is known.
    @Test(.patient)
    func messagesOfACorpThatWasUnknownAreRedrivenThroughTheFleet() async throws {
        try await TestFleet.withFleet { fleet in
            let count = 400
            let programs = try [
                fleet.start(Programs.archiveIngest), fleet.start(Programs.archiveIngest, copy: 2),
                fleet.start(Programs.sensitiveWordMonitor),
            ]
            let lines = (0..<count).map { index in
                """
                {"msgid":"\(index)_1741600000\(100 + index % 800)_external","corp_id":"\(Self.corp)","seq":\(index),\
                "action":"send","from":"wmA\(index % 40)","tolist":["lisi"],"roomid":"","msgtime":1741600000000,\
                "msgtype":"text","text":{"content":"我要维权 \(index)"}}
                """
            }
            let input = fleet.folder.appendingPathComponent("unknown.jsonl")
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: input)
            try await fleet.scrm("ingest", input.path)
            try await eventually("every message is a dead letter") {
                try await fleet.query(
                    "SELECT count(*) FROM archive.dead_letters WHERE reason = 'unknown_corp'", as: Int64.self)[0]
                    == Int64(count)
            }
            let redrive =
                [
                    "dead-letters", "redrive", "--error", "unknown_corp", "--worker", Programs.archiveIngest, "--json",
                ] + TestFleet.patient
            let dry = try await fleet.scrm(redrive + ["--reason", "look", "--dry-run"])
            #expect(dry.contains("\"dead_letters\":\(count)"))
            let untouched = try await fleet.query("SELECT count(*) FROM archive.operations", as: Int64.self)
            #expect(untouched[0] == 0)

            // Too early: everything fails again and stays.
            let early = try fleet.startOperator(redrive + ["--reason", "too early", "--rate", "1000"])
            let code = try await early.exitCode()
            #expect(code == 4)
            let attempts = try await fleet.query(
                "SELECT DISTINCT attempts FROM archive.dead_letters", as: Int32.self)
            #expect(attempts == [2])

            let corps = fleet.folder.appendingPathComponent("corps.yaml")
            let known = try String(contentsOf: corps, encoding: .utf8)
            try Data((known + "\n  - {id: \(Self.corp), name: 新来的}\n").utf8).write(to: corps)
            try await fleet.scrm(["corps", "apply", corps.path, "--wait"] + TestFleet.patient)
            // So slowly that it is killed in the middle, however late that is seen.
            let killed = try fleet.startOperator(redrive + ["--reason", "corp added", "--rate", "1"])
            try await eventually("some are done") {
                try await fleet.query("SELECT count(*) FROM archive.messages", as: Int64.self)[0] > 2
            }
            killed.send(SIGKILL)
            programs[0].send(SIGKILL)
            let text = try await fleet.scrm(redrive + ["--reason", "corp added", "--rate", "500"])
            #expect(text.contains("\"resumed\":true"))
            try await fleet.drain(worker: Programs.sensitiveWordMonitor)

            let messages = try await fleet.query(
                "SELECT count(*), count(DISTINCT msgid) FROM archive.messages", as: Int64.self, Int64.self)
            #expect(messages[0] == (Int64(count), Int64(count)))
            let left = try await fleet.query("SELECT count(*) FROM archive.dead_letters", as: Int64.self)
            #expect(left[0] == 0)
            let published = try await fleet.published(Topics.chatMessages, as: .messages)
            #expect(published.first.count == count)
            let sources = published.numbers.keys.filter { !$0.contains(Programs.archiveIngest) }
            #expect(sources == [], "redriven records go out by the outbox")
            #expect(programs.dropFirst().map(\.isRunning) == [true, true])

            let audit = try await fleet.scrm("audit", "--worker", Programs.archiveIngest, "--json")
            #expect(audit.contains("\"reason\":\"corp added\"") && audit.contains("\"reason\":\"too early\""))
        }
    }
}
