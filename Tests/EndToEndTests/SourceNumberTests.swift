import Contracts
import FleetHarness
import TestSupport
import Testing

/// What the numbers of published records are for.
@Suite(.requiresPostgres, .serialized)
struct SourceNumberTests {
    /// The database rolls back batches whose messages are already published; they are published again.
    @Test(.patient, arguments: [true, false])
    func repetitionsOnTheWireAreDroppedOnlyByTheirNumber(numbers: Bool) async throws {
        try await TestFleet.withFleet { fleet in
            let stream = ChatStream.plain(seed: 2, count: 40_000)
            let flags = ["--namespace", fleet.namespace.name] + (numbers ? [] : ["--without-source-sequence"])
            let copies = try [
                fleet.start(Programs.archiveIngest), fleet.start("counting-worker", flags),
            ]
            try await fleet.slowCommits(of: ["archive"])
            let oracle = Oracle(stream)
            let tap = try PublishedTap(Topics.chatMessages, of: fleet, into: .messages)
            let sent = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        try await Task.sleep(for: .seconds(2))
                        try await fleet.cutConnections(of: Schema.archive.role)
                    }
                }
                let first = stream.with(stream.messages.prefix(8_000))
                try await ChatProducer(fleet: fleet, stream: first).run(rate: 400)
                // As a rule a cut has come between publishing and commit by now; else messages flow until one does.
                let rest = stream.with(stream.messages.dropFirst(8_000))
                let more = try await ChatProducer(fleet: fleet, stream: rest).run(rate: 400) {
                    try await tap.catchUp()
                    if await tap.stream.repeated == 0 { return true }
                    return numbers ? false : try await oracle.trails(fleet).duplicated.isEmpty
                }
                try await group.cancelAndWait()
                return stream.with(first.messages + more)
            }
            try await fleet.compareTrails(with: sent, expectsRepetitions: !numbers)
            try await tap.catchUp()
            #expect(await tap.stream.repeated > 0)
            await tap.close()
            #expect(copies.map(\.isRunning) == [true, true])
        }
    }
}
