import Contracts
import Foundation
import TestSupport
import Testing

/// Workers die and freeze at any moment while messages flow; afterwards tables and topics equal an oracle computed from
/// the input alone.
@Suite(.requiresPostgres, .serialized)
struct KillStormTests {
    @Test(.timeLimit(.minutes(8)))
    func nothingIsLostDoubledOrReorderedWhileWorkersDie() async throws {
        let seed = UInt64.random(in: 0...UInt64(UInt32.max))
        print("kill storm: seed \(seed)")
        try await TestFleet.withFleet { fleet in
            let stream = ChatStream(
                seed: seed, count: 20_000, conversations: 600, alertEvery: 400,
                nowMilliseconds: Int64(Date.now.timeIntervalSince1970 * 1000))
            let chaos = try ChaosDriver(
                fleet,
                [Programs.archiveIngest, Programs.sensitiveWordMonitor, Programs.alertNotifier, "counting-worker"],
                arguments: ["counting-worker": ["--namespace", fleet.namespace.name]])
            let sandbox = Sandbox(url: fleet.sandboxURL)
            try await sandbox.add(fault: ["kind": "slow", "delay_ms": 400, "count": 1_000])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await chaos.run(seed: seed) }
                // Kills inside calls: as soon as the sandbox took something in, its caller dies.
                group.addTask {
                    var seen = 0
                    while !Task.isCancelled {
                        try await Task.sleep(for: .milliseconds(20))
                        let count = try await sandbox.received().count
                        if count > seen + 6 {
                            seen = count
                            try chaos.killAll(of: Programs.alertNotifier)
                        }
                    }
                }
                try await ChatProducer(fleet: fleet, stream: stream).run(rate: 400)
                group.cancelAll()
                while true {
                    do {
                        guard try await group.next() != nil else { break }
                    } catch is CancellationError {}
                }
            }
            print("kill storm: \(chaos.kills) kills, \(chaos.freezes) freezes")
            #expect(chaos.kills >= 5)
            try await fleet.drain(within: 240)
            #expect(chaos.ended() == [])

            let oracle = Oracle(stream)
            try await oracle.checkArchive(fleet)
            try await oracle.checkPublishedMessages(fleet)
            try await oracle.checkHitsAndAlerts(fleet)
            try await oracle.checkDeliveries(fleet, sandbox)
            let trails = try await oracle.differencesOfTrails(fleet)
            #expect(trails == [])
        }
    }

    /// The same storm on the counting worker alone, without one of the protections: the table differs from the oracle.
    @Test(.timeLimit(.minutes(8)), arguments: ["--without-compare-and-set", "--without-source-sequence"])
    func withoutAProtectionTheTrailsDiffer(flag: String) async throws {
        let seed = UInt64.random(in: 0...UInt64(UInt32.max))
        print("kill storm \(flag): seed \(seed)")
        try await TestFleet.withFleet { fleet in
            let stream = ChatStream(
                seed: seed, count: 40_000, conversations: 300, alertEvery: 1_000_000,
                nowMilliseconds: Int64(Date.now.timeIntervalSince1970 * 1000))
            let chaos = try ChaosDriver(
                fleet, [Programs.archiveIngest, "counting-worker"],
                arguments: ["counting-worker": ["--namespace", fleet.namespace.name, flag]])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await chaos.run(seed: seed) }
                try await ChatProducer(fleet: fleet, stream: stream).run(rate: 1_000)
                group.cancelAll()
                while true {
                    do {
                        guard try await group.next() != nil else { break }
                    } catch is CancellationError {}
                }
            }
            let oracle = Oracle(stream)
            try await eventually(within: .seconds(120), "every message has been counted") {
                try await oracle.countedMessages(fleet) >= oracle.uniqueMessages
            }
            #expect(try await oracle.differencesOfTrails(fleet) != [])
        }
    }
}
