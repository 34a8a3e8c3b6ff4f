import Foundation
import Kafka
import Logging
import TestSupport
import Testing

/// The development broker misbehaves when told to.
@Suite struct DevBrokerTests {
    @Test(.patient)
    func theBrokerGoesDownAndComesBackByOrder() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("dev-broker-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // a leftover in the temporary folder harms nobody
        let address = folder.appendingPathComponent("address")
        let broker = try RunningProgram(
            "dev-broker", ["--file", address.path, "--with-parent", "--obey"], hasInput: true,
            log: folder.appendingPathComponent("log"))
        try await eventually("the broker listens") { FileManager.default.fileExists(atPath: address.path) }
        let servers = try String(contentsOf: address, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        try await eventually("it answers") { await Self.answers(servers) }

        try broker.say("down")
        try await eventually("it does not answer") { await !Self.answers(servers) }
        try broker.say("up")
        try await eventually("it answers again") { await Self.answers(servers) }

        try broker.say("sing")
        try await eventually("it says what it can do") {
            let log = try String(contentsOf: broker.log, encoding: .utf8)
            return log.contains("'sing' is no order") && log.contains("delay MILLISECONDS")
        }
        #expect(broker.isRunning)
    }

    private static func answers(_ servers: String) async -> Bool {
        let logger = Logger(label: "dev-broker-tests") { _ in SwiftLogNoOpLogHandler() }
        do {
            let admin = try KafkaAdmin(
                KafkaConfiguration(bootstrapServers: servers), timeout: .seconds(1), logger: logger)
            let answered: Bool
            do { answered = try await !admin.metadata().partitions.isEmpty } catch { answered = false }
            await admin.close()
            return answered
        } catch {
            Issue.record(error)
            return false
        }
    }
}
