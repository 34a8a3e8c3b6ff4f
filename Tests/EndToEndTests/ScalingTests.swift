import Contracts
import FleetHarness
import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Copies of one worker divide its lanes between them, and take over what a dead one held.
@Suite(.requiresPostgres, .serialized)
struct ScalingTests {
    @Test(.patient)
    func copiesDivideTheWorkAndTakeOverWhatAKilledOneHeld() async throws {
        try await TestFleet.withFleet { fleet in
            var copies = try [1, 2].map { try start($0, in: fleet) }
            try await divided(fleet, among: ["copy-1", "copy-2"], lanesEach: 6)
            copies += try [3, 4].map { try start($0, in: fleet) }
            try await divided(fleet, among: ["copy-1", "copy-2", "copy-3", "copy-4"], lanesEach: 3)

            let stream = ChatStream.plain(seed: 3, count: 6_000)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await ChatProducer(fleet: fleet, stream: stream).run(rate: 400) }
                try await eventually("every copy works") {
                    let busy = try await fleet.query(
                        "SELECT instance FROM archive.heartbeats WHERE (status->>'records')::int > 0", as: String.self)
                    return busy.count == 4
                }
                copies[1].send(SIGKILL)
                try await group.waitForAll()
            }
            try await divided(fleet, among: ["copy-1", "copy-3", "copy-4"], lanesEach: 4)
            try await fleet.drain(worker: Programs.archiveIngest)
            #expect(copies.map(\.isRunning) == [true, false, true, true])

            let oracle = Oracle(stream)
            let archive = try await oracle.archive(fleet)
            #expect(archive == .none)
            let published = oracle.publishedMessages(try await fleet.published(Topics.chatMessages, as: .messages))
            #expect(published == .none)
        }
    }

    private func start(_ copy: Int, in fleet: TestFleet) throws -> RunningProgram {
        try fleet.start(Programs.archiveIngest, copy: copy, ["--instance", "copy-\(copy)"])
    }

    /// Waits until exactly these copies are alive and hold every lane, each its share, none two of them.
    private func divided(_ fleet: TestFleet, among instances: Set<String>, lanesEach: Int) async throws {
        try await eventually("\(instances.sorted()) hold \(lanesEach) lanes each") {
            let lanes = try await fleet.lanes(of: .archive)
            return Set(lanes.keys) == instances && lanes.values.allSatisfy { $0.count == lanesEach }
                && lanes.values.reduce(into: Set<Int>()) { $0.formUnion($1) } == Set(0..<ChatStream.partitions)
        }
    }
}
