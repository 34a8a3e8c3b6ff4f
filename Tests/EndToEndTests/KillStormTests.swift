import Contracts
import FleetHarness
import Foundation
import TestSupport
import Testing

/// Workers die and freeze at any moment while messages flow; afterwards tables and topics equal an oracle computed from
/// the input alone.
@Suite(.requiresPostgres, .serialized)
struct KillStormTests {
    @Test(.timeLimit(.minutes(20)))
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
                group.addTask { try await storm.run(until: end) }
                group.addTask { try await calls.run(until: end) }
                group.addTask { try await ChatProducer(fleet: fleet, stream: stream).run(rate: 400) }
                try await group.waitForAll()
            }
            print("kill storm: \(storm.counts), \(calls.counts)")
            #expect(storm.counts["kill", default: 0] >= 5)
            try await fleet.drain(within: 240)
            #expect(copies.complaints == [])

            let oracle = Oracle(stream)
            let archive = try await oracle.archive(fleet)
            #expect(archive == .none)
            let published = oracle.publishedMessages(try await fleet.published(Topics.chatMessages, as: .messages))
            #expect(published == .none)
            let alerts = try await oracle.hitsAndAlerts(fleet, try await fleet.published(Topics.alerts, as: .alerts))
            #expect(alerts == .none)
            let deliveries = try await oracle.deliveries(fleet, sandbox)
            #expect(deliveries == .none)
            let trails = try await oracle.trails(fleet)
            #expect(trails == .none)
        }
    }

    /// Two copies that each believe to own every lane, as after a split: the compare-and-set lets one at a time write.
    @Test(.timeLimit(.minutes(20)), arguments: [true, false])
    func twoOwnersAtOnceNoteEachMessageOnceOnlyByTheCompareAndSet(compares: Bool) async throws {
        try await TestFleet.withFleet { fleet in
            let stream = ChatStream.plain(seed: 1, count: 4_000)
            let flags = ["--namespace", fleet.namespace.name] + (compares ? [] : ["--without-compare-and-set"])
            let copies = try [
                fleet.start(Programs.archiveIngest),
                fleet.start("counting-worker", copy: 1, flags + ["--group", "one"]),
                fleet.start("counting-worker", copy: 2, flags + ["--group", "two"]),
            ]
            try await ChatProducer(fleet: fleet, stream: stream).run(rate: 400)
            try await differ(fleet, stream, expected: !compares)
            #expect(copies.map(\.isRunning) == [true, true, true])
        }
    }

    /// The database rolls back batches whose messages are already published; they are published again.
    @Test(.timeLimit(.minutes(20)), arguments: [true, false])
    func repetitionsOnTheWireAreDroppedOnlyByTheirNumber(numbers: Bool) async throws {
        try await TestFleet.withFleet { fleet in
            let stream = ChatStream.plain(seed: 2, count: 8_000)
            let flags = ["--namespace", fleet.namespace.name] + (numbers ? [] : ["--without-source-sequence"])
            let copies = try [
                fleet.start(Programs.archiveIngest), fleet.start("counting-worker", flags),
            ]
            try await fleet.slowCommits(of: ["archive"])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        try await Task.sleep(for: .seconds(2))
                        try await fleet.cutConnections(of: Schema.archive.role)
                    }
                }
                try await ChatProducer(fleet: fleet, stream: stream).run(rate: 400)
                try await group.cancelAndWait()
            }
            try await differ(fleet, stream, expected: !numbers)
            let published = try await fleet.published(Topics.chatMessages, as: .messages)
            #expect(published.repeated > 0)
            #expect(copies.map(\.isRunning) == [true, true])
        }
    }

    /// Waits until everything has been noted, then compares the trails with the input.
    private func differ(_ fleet: TestFleet, _ stream: ChatStream, expected: Bool) async throws {
        let oracle = Oracle(stream)
        try await eventually("every message has been noted") {
            try await oracle.countedMessages(fleet) >= oracle.uniqueMessages
        }
        let differences = try await oracle.trails(fleet)
        #expect((differences == .none) == !expected)
    }
}

extension ThrowingTaskGroup where ChildTaskResult == Void, Failure == any Error {
    /// Ends the faults and waits for them.
    mutating func cancelAndWait() async throws {
        cancelAll()
        while true {
            do {
                guard try await next() != nil else { return }
            } catch is CancellationError {
            }
        }
    }
}
