import Contracts
import FleetHarness
import Foundation
import Kafka
import Postgres
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A topic that was made anew, with offsets that fit, is not taken for the old one.
@Suite(.requiresPostgres, .serialized)
struct RecreatedTopicTests {
    @Test(
        .enabled(if: !TestBroker.isReal, "replaces the broker's topics, for which it needs two brokers of its own"),
        .patient)
    func aTopicMadeAnewStopsItsLanesUntilTheyAreReset() async throws {
        try await TestFleet.withFleet { fleet in
            let (old, new) = (ChatStream.plain(seed: 21, count: 300), ChatStream.plain(seed: 22, count: 600))
            let first = try fleet.start(Programs.archiveIngest)
            try await ChatProducer(fleet: fleet, stream: old).run(rate: 3_000)
            try await fleet.drain(worker: Programs.archiveIngest)
            first.send(SIGTERM)
            #expect(try await first.exitCode() == 0)

            let (broker, servers) = try await TestFleet.startBroker(
                in: fleet.folder, namespace: fleet.namespace, name: "new-broker")
            let moved = fleet.moved(to: servers)
            try await ChatProducer(fleet: moved, stream: new).run(rate: 3_000)
            try await pretendTheClusterIsTheSame(moved)
            let (second, probe) = try moved.probed(Programs.archiveIngest)
            try await eventually("every lane stands still") {
                let answer = try await probe.ask("readyz")
                let refused = try await fleet.query(
                    """
                    SELECT count(*)
                    FROM archive.heartbeats, jsonb_each_text(status -> 'refused_lanes') AS lane (number, reason)
                    WHERE reason LIKE '%is not the one that was processed%another topic%scrm lanes reset archive-ingest%'
                    """, as: Int64.self)
                return answer.status == 503 && refused[0] == Int64(ChatStream.partitions)
            }
            #expect(try await archived(fleet) == old.messages.count)
            second.send(SIGTERM)
            #expect(try await second.exitCode() == 0)

            try await moved.scrm("lanes", "reset", Programs.archiveIngest, "--offsets", "earliest")
            let third = try moved.start(Programs.archiveIngest)
            try await moved.drain(worker: Programs.archiveIngest)
            #expect(try await archived(fleet) == old.messages.count + new.messages.count)
            #expect(third.isRunning && broker.isRunning)
        }
    }

    /// Another id of the cluster would be noticed before the records are compared.
    private func pretendTheClusterIsTheSame(_ fleet: TestFleet) async throws {
        let admin = try KafkaAdmin(fleet.kafka, logger: TestFleet.logger)
        let cluster = try await admin.metadata().clusterID ?? ""
        await admin.close()
        try await fleet.database.withPool(size: 1) { pool in
            _ = try await pool.execute("UPDATE archive.offsets SET cluster_id = $1", [.text(cluster)])
        }
    }

    private func archived(_ fleet: TestFleet) async throws -> Int {
        let counts = try await fleet.query("SELECT count(*) FROM archive.messages", as: Int64.self)
        return Int(counts[0])
    }
}
