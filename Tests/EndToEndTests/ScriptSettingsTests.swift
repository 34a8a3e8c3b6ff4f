import Foundation
import TestSupport
import Testing

/// The scripts reach only the servers that they start themselves or are told of.
@Suite struct ScriptSettingsTests {
    @Test func settingsOfAnotherFleetAreForgotten() throws {
        let seen = try settings(
            given: [
                "DATABASE_URL": "postgres://elsewhere/live", "DATABASE_URL_ARCHIVE": "postgres://elsewhere/live",
                "SCRM_NAMESPACE": "live", "SCRM_CONFIG": "/etc/live.yaml", "WECOM_BASE_URL": "https://live",
                "ALERT_PAGE_ADDRESS": "0.0.0.0:80", "WEBHOOK_ALLOW_PRIVATE": "maybe",
            ])
        #expect(seen == [:])
    }

    @Test func givenServersAreKept() throws {
        let given = ["KAFKA_BOOTSTRAP_SERVERS": "kafka:9092", "PGHOST": "db", "PGPORT": "5433", "PGUSER": "tester"]
        #expect(try settings(given: given) == given)
    }

    /// After `source .fleet/environment` the shell holds servers that may be gone.
    @Test func serversOfAStartedFleetAreForgottenButNotWhatWasSetSince() throws {
        let seen = try settings(
            given: [
                "SCRM_FLEET_SETTINGS": "PGHOST=127.0.0.1 PGPORT=31234 KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:4711",
                "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:4711", "PGHOST": "db", "PGPORT": "31234",
            ])
        #expect(seen == ["PGHOST": "db"])
    }

    /// What a fleet writes for other terminals names each of its servers in both ways.
    @Test func theEnvironmentFileMarksEverySettingAsItsOwn() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("scrm-script-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // a leftover in the temporary folder harms nobody
        let seen = try settings(
            given: [
                "PGHOST": "127.0.0.1", "PGPORT": "31234", "PGUSER": "postgres", "PGDATABASE": "scrm",
                "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:4711",
            ],
            script: """
                source scripts/lib/common.sh
                source scripts/lib/fleet.sh
                FLEET='\(folder.path)' BIN=/bin WECOM_BASE_URL=http://127.0.0.1:1 ALERT_LINK_BASE_URL=http://127.0.0.1:2
                save_environment
                unset PGHOST PGPORT PGUSER PGDATABASE KAFKA_BOOTSTRAP_SERVERS
                source "$FLEET/environment"
                [ "$KAFKA_BOOTSTRAP_SERVERS" = 127.0.0.1:4711 ] && [ "$PGPORT" = 31234 ]
                source scripts/lib/common.sh
                """)
        #expect(seen == [:])
    }

    private static let watched = ["DATABASE_URL", "SCRM_", "PG", "KAFKA_", "WECOM_", "ALERT_", "WEBHOOK_"]

    /// What a script's programs would find in their environment.
    private func settings(
        given: [String: String], script: String = "source scripts/lib/common.sh"
    ) throws -> [String: String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-euo", "pipefail", "-c", script + "\nenv"]
        process.environment = given.merging(["PATH": "/usr/local/bin:/usr/bin:/bin"]) { $1 }
        process.currentDirectoryURL = Self.root
        let output = Pipe()
        process.standardOutput = output
        try process.start()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        var found: [String: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
            guard let name = parts.first, Self.watched.contains(where: name.hasPrefix) else { continue }
            found[name] = parts.count > 1 ? parts[1] : ""
        }
        return found
    }

    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
