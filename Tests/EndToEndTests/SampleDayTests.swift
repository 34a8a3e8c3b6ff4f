import Contracts
import FleetHarness
import Foundation
import TestSupport
import Testing

/// The sample day of the demo, under the demo's own directory and rules.
@Suite(.requiresPostgres, .serialized)
struct SampleDayTests {
    @Test(.patient)
    func theSampleStreamedInTwiceAddsNotOneRowOrAlert() async throws {
        try await TestFleet.withFleet { fleet in
            let demo = Self.root.appendingPathComponent("deploy/demo")
            for kind in ["directory", "rules"] {
                try await fleet.scrm(kind, "apply", demo.appendingPathComponent("\(kind).yaml").path)
            }
            let workers = try [Programs.archiveIngest, Programs.sensitiveWordMonitor, Programs.alertNotifier].map {
                try fleet.start($0)
            }
            let sandbox = Sandbox(url: fleet.sandboxURL)
            let sample = demo.appendingPathComponent("sample-day.jsonl").path
            let moment = String(Int64(Date.now.timeIntervalSince1970 * 1000))

            try await fleet.scrm("ingest", sample, "--shift-to", moment)
            try await fleet.drain()
            let first = try await rows(fleet)
            let calls = try await sandbox.received().count
            #expect(first["archive.messages", default: 0] >= 200)
            #expect(first["alerting.alerts", default: 0] >= 4)
            #expect(calls > 0)

            try await fleet.scrm("ingest", sample, "--shift-to", moment)
            try await fleet.drain()
            let second = try await rows(fleet)
            #expect(second.filter { first[$0.key] != $0.value } == [:])
            try await fleet.scrm("archive", "check")
            #expect(try await sandbox.received().count == calls)
            let alerts = try await fleet.query(
                "SELECT msgid, rule_id FROM alerting.alerts", as: String.self, String.self)
            for (messageID, ruleID) in alerts {
                let route = try await fleet.scrm("alerts", "route", messageID, "--json")
                #expect(route.contains("\"rule_id\":\"\(ruleID)\""))
            }
            #expect(workers.map(\.isRunning) == [true, true, true])
        }
    }

    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Rows of every table that holds what messages caused. Not the runtime's own state, to which the dead letters
    /// belong: each of them is one record of the topic, and the second run brings the same two bad ones again. Nor how far
    /// pullers have come on each lane, nor the totals that are folded meanwhile: `scrm archive check` counts those.
    private func rows(_ fleet: TestFleet) async throws -> [String: Int64] {
        let tables = try await fleet.query(
            """
            SELECT schemaname || '.' || tablename FROM pg_tables
            WHERE schemaname IN ('archive', 'monitor', 'alerting')
                AND tablename NOT IN ('lanes', 'offsets', 'streams', 'heartbeats', 'snapshots', 'outbox', 'dead_letters',
                    'pull_positions', 'conversation_deltas', 'conversation_totals')
            """, as: String.self)
        var counts: [String: Int64] = [:]
        for table in tables {
            counts[table] = try await fleet.query("SELECT count(*) FROM \(table)", as: Int64.self)[0]
        }
        return counts
    }
}
