import Contracts
import FleetHarness
import Foundation
import Postgres
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A worker that completes nothing says what it waits for, is not alive to whoever asks, and recovers by itself.
@Suite(.requiresPostgres, .serialized)
struct StallTests {
    private static let impatient = ["--stall-limit-seconds", "3"]

    @Test(.patient)
    func aLockIsSaidWithItsHolderButNotWithItsStatement() async throws {
        try await TestFleet.withFleet { fleet in
            let (worker, probe) = try fleet.probed(Programs.archiveIngest, Self.impatient)
            try await eventually("the worker is ready") { try await probe.ask("readyz").status == 200 }
            let stream = ChatStream.plain(seed: 11, count: 200)
            try await locked(fleet) { holder in
                try await ChatProducer(fleet: fleet, stream: stream).run(rate: 2_000)
                let red = try await stalled(probe, because: "a database lock: held by pid \(holder)")
                #expect(red.contains("idle in transaction"))
                #expect(red.contains("program tests"))
                #expect(!red.contains("13912345678"))
                try await eventually("the heartbeat says it") {
                    let beats = try await fleet.query(
                        "SELECT coalesce(status ->> 'waiting_for', '') FROM archive.heartbeats", as: String.self)
                    return beats.contains { $0.contains("held by pid \(holder)") }
                }
            }
            try await recovered(fleet, probe, archived: stream.messages.count)
            try await eventually("the log tells of both") {
                let log = try String(contentsOf: worker.log, encoding: .utf8)
                return log.contains("Nothing is completed.") && log.contains("Records are completed again.")
            }
            #expect(worker.isRunning)
        }
    }

    @Test(.patient)
    func aMissingConfigurationIsSaidUntilItIsApplied() async throws {
        try await TestFleet.withFleet(isConfigured: false) { fleet in
            let (worker, probe) = try fleet.probed(Programs.archiveIngest, Self.impatient)
            let stream = ChatStream.plain(seed: 12, count: 200)
            try await ChatProducer(fleet: fleet, stream: stream).run(rate: 2_000)
            _ = try await stalled(probe, because: "no configuration in \(fleet.namespace.topic(Topics.corps)) yet")
            try await fleet.configure()
            try await recovered(fleet, probe, archived: stream.messages.count)
            #expect(worker.isRunning)
        }
    }

    @Test(
        .enabled(if: !TestBroker.isReal, "stops the broker, which only the mock cluster allows"),
        .patient)
    func aBrokerThatDoesNotAcknowledgeIsSaid() async throws {
        try await TestFleet.withFleet { fleet in
            let broker = try #require(fleet.broker)
            let (worker, probe) = try fleet.probed(Programs.archiveIngest, Self.impatient)
            try await eventually("the worker is ready") { try await probe.ask("readyz").status == 200 }
            let stream = ChatStream.plain(seed: 13, count: 200)
            // With the lock the records are in hand before the broker stops.
            try await locked(fleet) { _ in
                try await ChatProducer(fleet: fleet, stream: stream).run(rate: 2_000)
                _ = try await stalled(probe, because: "a database lock")
                broker.send(SIGSTOP)
            }
            defer { broker.send(SIGCONT) }
            _ = try await stalled(probe, because: "not acknowledge")
            broker.send(SIGCONT)
            try await recovered(fleet, probe, archived: stream.messages.count)
            #expect(worker.isRunning)
        }
    }

    /// Runs `body` with the pid of a session that keeps everybody from the archive's messages. Its last statement holds
    /// a phone number.
    private func locked(_ fleet: TestFleet, _ body: (Int32) async throws -> Void) async throws {
        try await fleet.database.withPool(size: 1) { pool in
            try await pool.withTransaction { transaction in
                try await transaction.execute("LOCK TABLE archive.messages IN ACCESS EXCLUSIVE MODE")
                let rows = try await transaction.execute(
                    "SELECT pg_backend_pid(), set_config('idle_in_transaction_session_timeout', '0', true), '13912345678'"
                )
                try await body(try rows[0].decode(Int32.self, at: 0))
            }
        }
    }

    private func stalled(_ probe: HealthProbe, because reason: String) async throws -> String {
        var text = ""
        try await eventually("/livez is red because of: \(reason)") {
            let answer = try await probe.ask("livez")
            text = answer.text
            return answer.status == 503 && answer.text.contains(reason)
        }
        return text
    }

    private func recovered(_ fleet: TestFleet, _ probe: HealthProbe, archived count: Int) async throws {
        try await eventually("everything is archived") {
            try await fleet.query("SELECT count(*) FROM archive.messages", as: Int64.self)[0] == Int64(count)
        }
        try await eventually("/livez is green") { try await probe.ask("livez").status == 200 }
    }
}
