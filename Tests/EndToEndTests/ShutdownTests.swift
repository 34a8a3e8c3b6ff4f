import Contracts
import FleetHarness
import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A worker that is asked to end ends, whatever it waits for.
@Suite(.requiresPostgres, .serialized)
struct ShutdownTests {
    private static let stopsTheBroker = ConditionTrait.enabled(
        if: !TestBroker.isReal, "stops the broker, which only the mock cluster allows")

    @Test(.patient)
    func aRunningWorkerEndsWithZero() async throws {
        try await TestFleet.withFleet { fleet in
            let worker = try await started(fleet)
            worker.send(SIGTERM)
            let code = try await worker.exitCode()
            #expect(code == 0)
        }
    }

    @Test(Self.stopsTheBroker, .patient)
    func aWorkerWhoseBrokerStandsStillEndsInTime() async throws {
        try await TestFleet.withFleet { fleet in
            let broker = try #require(fleet.broker)
            let worker = try await started(fleet)
            let stopped = try await fleet.query("SELECT now()::text", as: String.self)[0]
            broker.send(SIGSTOP)
            defer { broker.send(SIGCONT) }
            // Into the middle of measuring lag, which asks the broker every five seconds.
            try await eventually("lag was measured since") {
                try await fleet.query(
                    "SELECT count(*) FROM archive.heartbeats WHERE beat_at > '\(stopped)'::timestamptz + INTERVAL '6 s'",
                    as: Int64.self)[0] == 1
            }
            worker.send(SIGTERM)
            _ = try await worker.exitCode()
        }
    }

    @Test(Self.stopsTheBroker, .patient)
    func theSecondSignalEndsAtOnce() async throws {
        try await TestFleet.withFleet { fleet in
            let broker = try #require(fleet.broker)
            let worker = try await started(fleet)
            broker.send(SIGSTOP)
            defer { broker.send(SIGCONT) }
            // At once: leaving a broker that stands still takes seconds, but not for ever.
            worker.send(SIGTERM)
            worker.send(SIGINT)
            let code = try await worker.exitCode()
            #expect(code == 1)
            let log = try String(contentsOf: worker.log, encoding: .utf8)
            #expect(log.contains("a second signal ends at once") && log.contains("Second signal: ending now."))
        }
    }

    private func started(_ fleet: TestFleet) async throws -> RunningProgram {
        let worker = try fleet.start(Programs.archiveIngest)
        try await eventually("the worker holds its lanes") {
            try await fleet.query(
                "SELECT count(*) FROM archive.heartbeats WHERE jsonb_array_length(status -> 'lanes') = 12",
                as: Int64.self)[0] == 1
        }
        return worker
    }
}
