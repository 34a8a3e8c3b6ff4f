import Contracts
import FleetHarness
import Foundation
import Postgres
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A copy that is stopped in the middle of writing neither blocks its successor nor does harm when it wakes.
@Suite(.requiresPostgres, .serialized)
struct StoppedCopyTests {
    @Test(.patient)
    func aCopyStoppedInsideACopyStatementLosesItsLanesAndWakesHarmless() async throws {
        try await TestFleet.withFleet { fleet in
            // Messages that come twice would go through a temporary table. Long ones, so that a batch is more than the
            // sockets between the program and the server hold.
            let all = ChatStream.plain(seed: 3, count: 13_000, padding: 1_200)
            let stream = all.with(all.messages.filter { !ChatStream.isCopied($0.conversation) })
            let (before, after) = (stream.messages.dropLast(1_000), stream.messages.suffix(1_000))
            try await ChatProducer(fleet: fleet, stream: stream.with(before)).run(rate: 12_000)
            try await Self.slowRows(fleet, seconds: 0.004)

            let stopped = try fleet.start(Programs.archiveIngest, copy: 1)
            let stuck = try await Self.stop(stopped, insideCopyOf: fleet)
            try await Self.set(fleet, seconds: 0)

            let successor = try fleet.start(Programs.archiveIngest, copy: 2)
            try await eventually("the successor has archived everything") {
                try await Self.archived(fleet) == before.count
            }
            let ended = try await Self.copying(fleet, waitingForTheClient: true)
            #expect(Set(stuck).isDisjoint(with: ended), "the stuck session was ended")

            stopped.send(SIGCONT)
            try await ChatProducer(fleet: fleet, stream: stream.with(after)).run(rate: 500)
            try await eventually("both copies work") {
                try await fleet.query(
                    """
                    SELECT count(*) FROM archive.heartbeats
                    WHERE beat_at > now() - interval '8 s' AND status ->> 'state' = 'running'
                        AND jsonb_array_length(status -> 'lanes') > 0
                    """, as: Int64.self)[0] == 2
            }
            try await fleet.drain(worker: Programs.archiveIngest)
            let oracle = Oracle(stream)
            let archive = try await oracle.archive(fleet)
            #expect(archive == .none)
            let published = oracle.publishedMessages(try await fleet.published(Topics.chatMessages, as: .messages))
            #expect(published == .none)
            #expect([stopped, successor].map(\.isRunning) == [true, true])
        }
    }

    /// Stops the program so that the server, having used up what was on its way, waits inside COPY for a client that
    /// stands still. A small batch may be on its way whole; then the program goes on to the next.
    /// - Returns: the sessions that wait.
    private static func stop(_ program: RunningProgram, insideCopyOf fleet: TestFleet) async throws -> [Int32] {
        for _ in 0..<8 {
            try await eventually("a COPY is under way") {
                try await !copying(fleet, waitingForTheClient: false).isEmpty
            }
            program.send(SIGSTOP)
            var waiting: [Int32] = []
            try await eventually("the server has used up what was on its way") {
                waiting = try await copying(fleet, waitingForTheClient: true)
                let isWriting = try await !copying(fleet, waitingForTheClient: false).isEmpty
                return !waiting.isEmpty || !isWriting
            }
            if !waiting.isEmpty { return waiting }
            program.send(SIGCONT)
        }
        throw ConditionNotMet(what: "the program is stopped inside COPY", limit: .zero)
    }

    /// Sessions of the worker's role that are inside a COPY and hold the lock of a lane.
    private static func copying(_ fleet: TestFleet, waitingForTheClient: Bool) async throws -> [Int32] {
        try await fleet.query(
            """
            SELECT DISTINCT session.pid FROM pg_stat_activity AS session
            JOIN pg_locks AS held ON held.pid = session.pid AND held.locktype = 'advisory' AND held.granted
            WHERE session.datname = current_database() AND session.usename = '\(Schema.archive.role)'
                AND session.state = 'active' AND session.query LIKE 'COPY "archive"."messages"%'
                AND (session.wait_event = 'ClientRead' OR NOT \(waitingForTheClient))
            """, as: Int32.self)
    }

    private static func archived(_ fleet: TestFleet) async throws -> Int {
        let counts = try await fleet.query("SELECT count(*) FROM archive.messages", as: Int64.self)
        return Int(counts[0])
    }

    /// Makes each row of the archive take a while, so that a batch is caught inside its COPY.
    private static func slowRows(_ fleet: TestFleet, seconds: Double) async throws {
        try await fleet.database.withPool(size: 1) { pool in
            try await pool.execute("CREATE TABLE public.slowness AS SELECT \(seconds)::float8 AS seconds")
            try await pool.execute(
                """
                CREATE FUNCTION public.slow_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
                'BEGIN PERFORM pg_sleep(seconds) FROM public.slowness; RETURN NEW; END'
                """)
            try await pool.execute(
                """
                CREATE TRIGGER slow_row BEFORE INSERT ON archive.messages
                FOR EACH ROW EXECUTE FUNCTION public.slow_row()
                """)
        }
    }

    private static func set(_ fleet: TestFleet, seconds: Double) async throws {
        try await fleet.database.withPool(size: 1) { pool in
            _ = try await pool.execute("UPDATE public.slowness SET seconds = \(seconds)")
        }
    }
}
