import Contracts
import FleetHarness
import TestSupport
import Testing

/// What the compare-and-set is for.
@Suite(.requiresPostgres, .serialized)
struct CompareAndSetTests {
    /// Two copies that each believe to own every lane, as after a split: the compare-and-set lets one at a time write.
    @Test(.patient, arguments: [true, false])
    func twoOwnersAtOnceNoteEachMessageOnceOnlyByTheCompareAndSet(compares: Bool) async throws {
        try await TestFleet.withFleet { fleet in
            let stream = ChatStream.plain(seed: 1, count: 4_000)
            let flags = ["--namespace", fleet.namespace.name] + (compares ? [] : ["--without-compare-and-set"])
            let copies = try [
                fleet.start(Programs.archiveIngest),
                fleet.start("counting-worker", copy: 1, flags + ["--group", "one"]),
                fleet.start("counting-worker", copy: 2, flags + ["--group", "two"]),
            ]
            // Who comes to a lane late would begin where the other one has got to.
            try await eventually("each lane was taken by both") {
                let lanes = try await fleet.query("SELECT to_regclass('counting.lanes')::text", as: String?.self)[0]
                guard lanes != nil else { return false }
                let taken = try await fleet.query(
                    "SELECT coalesce(sum(epoch), 0)::bigint FROM counting.lanes", as: Int64.self)[0]
                return taken >= 2 * ChatStream.partitions
            }
            try await ChatProducer(fleet: fleet, stream: stream).run(rate: 400)
            try await fleet.compareTrails(with: stream, expectsRepetitions: !compares)
            #expect(copies.map(\.isRunning) == [true, true, true])
        }
    }
}
