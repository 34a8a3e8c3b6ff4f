import Contracts
import FleetHarness
import Foundation
import TestSupport
import Testing

/// Workers die and freeze at any moment while messages flow; afterwards tables and topics equal an oracle computed from
/// the input alone.
@Suite(.requiresPostgres, .serialized)
struct KillStormTests {
    @Test(.patient)
    func nothingIsLostDoubledOrReorderedWhileWorkersDie() async throws {
        let seed = UInt64.random(in: 0...UInt64(UInt32.max))
        print("kill storm: seed \(seed)")
        try await TestFleet.withFleet { fleet in
            let stream = ChatStream(
                seed: seed, count: 20_000, conversations: 600, alertEvery: 400,
                nowMilliseconds: Int64(Date.now.timeIntervalSince1970 * 1000))
            let copies = try FleetCopies(
                fleet,
                of: [Programs.archiveIngest, Programs.sensitiveWordMonitor, Programs.alertNotifier, "counting-worker"],
                copies: 2, arguments: ["counting-worker": ["--namespace", fleet.namespace.name]])
            try await fleet.slowCommits(of: ["archive", "monitor", "counting"])
            let sandbox = Sandbox(url: fleet.sandboxURL)
            try await sandbox.add(fault: ["kind": "slow", "delay_ms": 400, "count": 1_000])
            let storm = FaultSequence(
                [.kill(copies), .kill(copies), .kill(copies), .freeze(copies)], seed: seed)
            let calls = FaultSequence([.killInCall(copies, sandbox)], seed: seed, pause: 500...3_000)
            let end = ContinuousClock.now + .seconds(stream.messages.count / 400)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await storm.run(until: end, atLeast: ["kill": 5]) }
                group.addTask { try await calls.run(until: end) }
                group.addTask { try await ChatProducer(fleet: fleet, stream: stream).run(rate: 400) }
                try await group.waitForAll()
            }
            print("kill storm: \(storm.counts), \(calls.counts)")
            #expect(storm.counts["kill", default: 0] >= 5)
            try await fleet.drain()
            #expect(copies.complaints == [])

            let oracle = Oracle(stream)
            let archive = try await oracle.archive(fleet)
            #expect(archive == .none)
            let published = oracle.publishedMessages(try await fleet.published(Topics.chatMessages, as: .messages))
            #expect(published == .none)
            let raised = try await fleet.published(Topics.alerts, as: .alerts)
            let alerts = try await oracle.hitsAndAlerts(fleet, raised)
            #expect(alerts == .none)
            let contexts = try await oracle.contexts(fleet, raised)
            #expect(contexts == .none)
            let deliveries = try await oracle.deliveries(fleet, sandbox)
            #expect(deliveries == .none)
            let trails = try await oracle.trails(fleet)
            #expect(trails == .none)
        }
    }
}
