import AlertNotifier
import CampaignDispatcher
import Contracts
import Foundation
import Testing
import WorkerHost

/// What docker-compose.yml and deploy/ say exists in the programs. The tools that check their form are in
/// scripts/check-deploy.
@Suite("Files for production")
struct DeployFilesTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private static let programs = [
        Programs.archiveIngest, Programs.sensitiveWordMonitor, Programs.alertNotifier, Programs.tagScorer,
        Programs.campaignDispatcher,
    ]

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Lines without comments.
    private static func lines(_ path: String) throws -> [Substring] {
        try text(path).split(separator: "\n").filter { !$0.trimmingCharacters(in: .whitespaces).hasPrefix("#") }
    }

    // MARK: Variables

    /// Everything our programs read from the environment.
    private static func known() throws -> Set<String> {
        let settings = StandardSettings.worker + NotifierSettings.all + DispatcherSettings.all
        let references = try text("deploy/demo/corps.yaml").matches(of: /env:([A-Z_]+)/).map { String($0.1) }
        return Set(settings.map(\.environment)).union(references).union([
            // `scrm watch --robot-key env:WATCH_ROBOT_KEY`
            "WATCH_ROBOT_KEY",
            "PGHOST", "PGDATABASE", "PGUSER", "PGPASSWORD", "KAFKA_BOOTSTRAP_SERVERS", "SCRM_ROLE_PASSWORD",
        ])
    }

    @Test func everyVariableOfTheExampleIsRead() throws {
        let names = try Self.lines("deploy/fleet.env.example").compactMap { $0.firstMatch(of: /^([A-Z_]+)=/)?.1 }
        #expect(names.count > 8)
        #expect(Set(names.map(String.init)).subtracting(try Self.known()) == [])
    }

    @Test(arguments: programs)
    func everyVariableOfAManifestIsReadAndTheRoleIsTheWorkers(program: String) throws {
        let manifest = try Self.text("deploy/kubernetes/base/\(program).yaml")
        let names = manifest.matches(of: /(?:- \{name: |- name: )([A-Z][A-Z_]+)/).map { String($0.1) }
        #expect(names.contains("PGUSER") && names.contains("PGPASSWORD"))
        #expect(Set(names).subtracting(try Self.known()) == [])
        #expect(manifest.contains("args: [\(program)]"))
        // A program whose schema this version does not know has none to compare with.
        if let schema = Schema.allCases.first(where: { $0.program == program }) {
            #expect(manifest.contains("{name: PGUSER, value: \(schema.role)}"))
            #expect(try Self.service(program).contains("PGUSER: \(schema.role)"))
        }
    }

    @Test func everyVariableOfTheCommonSettingsIsRead() throws {
        let names = try Self.lines("deploy/kubernetes/base/settings.yaml")
            .compactMap { $0.firstMatch(of: /^  ([A-Z][A-Z_]+):/)?.1 }
        #expect(names.count > 4)
        #expect(Set(names.map(String.init)).subtracting(try Self.known()) == [])
    }

    @Test(arguments: programs)
    func everyVariableOfAServiceIsRead(program: String) throws {
        let names = try Self.service(program).matches(of: /([A-Z][A-Z_]{3,}):/).map { String($0.1) }
        #expect(Set(names).subtracting(try Self.known()) == [])
        #expect(try Self.service(program).contains("command: [\"\(program)\"]"))
    }

    /// A service of docker-compose.yml.
    private static func service(_ name: String) throws -> String {
        let all = try lines("docker-compose.yml")
        let start = try #require(all.firstIndex { $0 == "  \(name):" }, "no service \(name)")
        let body = all[(start + 1)...].prefix { $0.hasPrefix("    ") }
        return body.joined(separator: "\n")
    }

    // MARK: Programs and ports

    @Test func theImageHasEveryProgram() throws {
        let dockerfile = try Self.text("deploy/Dockerfile")
        let built = try #require(dockerfile.firstMatch(of: /for program in ([a-z -]+);/)).1.split(separator: " ")
        #expect(Set(built.map(String.init)) == Set(Self.programs + ["scrm", "wecom-sandbox"]))
        #expect(dockerfile.contains("USER 10001"))
    }

    @Test func everyPortIsTheOneThatIsServed() throws {
        let address = try #require(
            try Self.text("deploy/fleet.env.example").firstMatch(of: /SCRM_HTTP_ADDRESS=.*:(\d+)/))
        let port = String(address.1)
        #expect(try Self.text("deploy/Dockerfile").contains("EXPOSE \(port) 8081"))
        #expect(try Self.text("deploy/prometheus/prometheus.yml").contains("port: \(port)"))
        #expect(try Self.text("deploy/kubernetes/base/settings.yaml").contains("SCRM_HTTP_ADDRESS: 0.0.0.0:\(port)"))
        for program in Self.programs {
            let manifest = try Self.text("deploy/kubernetes/base/\(program).yaml")
            #expect(manifest.contains("{name: http, containerPort: \(port)}"))
            #expect(manifest.contains("{path: /livez, port: http}") && manifest.contains("{path: /readyz, port: http}"))
            #expect(try Self.text("deploy/prometheus/prometheus.yml").contains("- \(program)\n"))
        }
        let notifier = try Self.text("deploy/kubernetes/base/alert-notifier.yaml")
        #expect(
            notifier.contains("ALERT_PAGE_ADDRESS, value: \"0.0.0.0:8081\"") && notifier.contains("containerPort: 8081")
        )
        #expect(try Self.service("alert-page").contains("127.0.0.1:8081:8081"))
        #expect(try Self.service("wecom-sandbox").contains("\"--port\", \"8090\"]"))
    }

    // MARK: Scaling, rights, metrics

    @Test(arguments: programs)
    func aWorkerIsScaledUpToItsPartitions(program: String) throws {
        let object = try Self.text("deploy/kubernetes/keda/\(program).yaml")
        let ceiling = try #require(object.firstMatch(of: /maxReplicaCount: (\d+)/)).1
        let partitions = Topics.all.filter { $0.kind != .configuration && $0.consumers.contains(program) }
            .map(\.partitions)
        #expect(!partitions.isEmpty)
        #expect(Set(partitions.map { "\($0)" }) == [String(ceiling)])
        #expect(object.contains("scrm_lag_seconds{worker=\"\(program)\"}"))
    }

    @Test(arguments: Schema.allCases)
    func aWorkerMayDoInKafkaWhatTheTableOfTopicsSays(schema: Schema) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = [Self.root.appending(path: "deploy/kafka/acls.sh").path, "kafka:9092"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let lines = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            .split(separator: "\n").filter { $0.contains("User:\(schema.program) ") }
        process.waitUntilExit()
        func topics(_ operation: String) -> Set<String> {
            Set(
                lines.filter { $0.contains("--operation \(operation) ") }
                    .compactMap { $0.firstMatch(of: /--topic (\S+)/).map { String($0.1) } })
        }
        #expect(topics("Read") == Set(Topics.all.filter { $0.consumers.contains(schema.program) }.map(\.name)))
        #expect(topics("Write") == Set(Topics.published(by: schema.program).map(\.name)))
        #expect(lines.contains { $0.contains("--group \(schema.program)") })
    }

    /// Each name is written somewhere in the programs.
    @Test(arguments: ["deploy/prometheus/alerts.yml", "deploy/grafana/dashboards/fleet.json"])
    func everyMetricIsReported(path: String) throws {
        let source = try Self.sources()
        let found = try Self.text(path).matches(of: /\b((?:scrm|alert|campaign|feed)_[a-z_]+)\b(?=[\[{)])/)
        let names = Set(found.map { String($0.1).replacing(/_bucket$/, with: "") })
        #expect(names.count > 4)
        for name in names { #expect(source.contains("\"\(name)\""), "\(name)") }
    }

    private static func sources() throws -> String {
        let files = FileManager.default.enumerator(
            at: root.appending(path: "Sources"), includingPropertiesForKeys: nil)
        var all = ""
        for case let file as URL in files ?? .init() where file.lastPathComponent.contains("Metric") {
            all += try String(contentsOf: file, encoding: .utf8)
        }
        return all
    }

    @Test func everyConfigurationHasACommandAndADemoFile() throws {
        let kinds = try #require(try Self.text("docker-compose.yml").firstMatch(of: /for kind in ([a-z -]+);/)).1
            .split(separator: " ").map(String.init)
        for kind in [
            CorpsConfiguration.kind, DirectoryConfiguration.kind, RulesConfiguration.kind, CampaignsConfiguration.kind,
        ] {
            #expect(kinds.contains(kind))
            #expect(FileManager.default.fileExists(atPath: Self.root.appending(path: "deploy/demo/\(kind).yaml").path))
        }
    }
}
