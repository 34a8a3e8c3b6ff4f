import ArgumentParser
import Foundation
import Kafka
import Logging
import Testing
import WorkerRuntime

@testable import WorkerHost

struct HostSettingsTests {
    /// One setting, given in each combination of the three places.
    @Test(arguments: [
        (["--log-level", "debug"], ["SCRM_LOG_LEVEL": "error"], "log: {level: trace}", "debug"),
        ([], ["SCRM_LOG_LEVEL": "error"], "log: {level: trace}", "error"),
        ([], [:], "log: {level: trace}", "trace"),
        ([], [:], "log.level: trace", "trace"),
        ([], ["SCRM_LOG_LEVEL": ""], "log: {level: trace}", "trace"),
        (["--set", "log.level=info"], ["SCRM_LOG_LEVEL": "error"], "", "info"),
        ([], [:], "", "notice"),
    ])
    func flagBeatsEnvironmentBeatsFileBeatsDefault(
        flags: [String], environment: [String: String], file: String, level: String
    ) throws {
        let configuration = try read(flags, environment, file: file)
        #expect(configuration.connection.logLevel.rawValue == level)
    }

    @Test func everyFlagReachesTheConfiguration() throws {
        let configuration = try read(
            [
                "--namespace", "staging", "--database-url", "postgresql://h/db", "--log-format", "json",
                "--http-address", "[::1]:9464", "--http-port-file", "/tmp/port", "--start", "latest", "--allow-empty",
                "--instance", "copy-1", "--connections", "7",
            ], [:])
        #expect(configuration.connection.prefixed("chat.raw.v1") == "staging.chat.raw.v1")
        #expect(configuration.connection.databaseURL == "postgresql://h/db")
        #expect(configuration.connection.logFormat == .json)
        #expect(configuration.httpHost == "::1")
        #expect(configuration.httpPort == 9464)
        #expect(configuration.httpPortFile == "/tmp/port")
        #expect(configuration.start == .latest)
        #expect(configuration.allowsEmpty)
        #expect(configuration.instance == "copy-1")
        #expect(configuration.connections == 7)
    }

    @Test func kafkaPropertiesComeFromEveryPlaceByTheSamePrecedence() throws {
        let configuration = try read(
            ["--kafka", "linger.ms=7", "--kafka", "sasl.password=a=b", "--kafka", "sasl.mechanism=PLAIN"],
            [
                "KAFKA_SASL_USERNAME": "u", "KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_LINGER_MS": "5",
                "KAFKA_BOOTSTRAP_SERVERS": "env:9092",
            ],
            file: """
                kafka:
                  linger.ms: 3
                  client.rack: r1
                  bootstrap.servers: file:9092
                  fetch: {min: {bytes: 1}}
                """)
        #expect(
            configuration.connection.kafka.properties == [
                "bootstrap.servers": "env:9092", "security.protocol": "SASL_SSL", "linger.ms": "7",
                "sasl.password": "a=b", "client.rack": "r1", "sasl.mechanism": "PLAIN", "sasl.username": "u",
                "fetch.min.bytes": "1",
            ])
    }

    @Test(
        arguments: [
            ("KAFKA_SECURITY_PROTOCOL", "security.protocol"),
            ("KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL", "sasl.oauthbearer.token.endpoint.url"),
            ("KAFKA_", nil), ("KAFKA", nil), ("PGHOST", nil), ("KAFKA_PORT", nil), ("KAFKA_HEAP_OPTS", nil),
        ] as [(String, String?)])
    func environmentVariablesNameProperties(variable: String, property: String?) {
        #expect(KafkaProperties.name(forEnvironment: variable) == property)
    }

    @Test func whatKubernetesSaysAboutAServiceNamedKafkaIsNoSetting() throws {
        let environment = [
            "KAFKA_PORT": "tcp://10.0.0.7:9092", "KAFKA_SERVICE_HOST": "10.0.0.7", "KAFKA_SERVICE_PORT": "9092",
            "KAFKA_PORT_9092_TCP": "tcp://10.0.0.7:9092", "KAFKA_PORT_9092_TCP_ADDR": "10.0.0.7",
            "KAFKA_HEAP_OPTS": "-Xmx1g", "KAFKA_LINGER_MS": "5",
        ]
        let configuration = try read([], environment)
        #expect(configuration.connection.kafka.properties == ["bootstrap.servers": "b:9092", "linger.ms": "5"])
        let ignored = try reader([], environment, file: "").ignoredVariables
        #expect(ignored == environment.keys.filter { $0 != "KAFKA_LINGER_MS" }.sorted())
        // What was written by a person for this program is judged strictly.
        #expect(faults(["--kafka", "port=1"], [:], file: "kafka: {heap.opts: x}").count == 3)
    }

    @Test func kafkaPropertiesThatDoNotGoTogetherAreOneFaultWithoutTheSecret() {
        let flags = ["--bootstrap-servers", "b:1", "--kafka", "security.protocol=SASL_PLAINTEXT"]
        let faults = faults(
            flags + ["--kafka", "sasl.mechanism=PLAIN", "--kafka", "sasl.password=hunter2"], [:], file: "")
        #expect(faults.map(\.place) == ["kafka"])
        #expect(!ConfigurationFaults(faults).description.contains("hunter2"))
        #expect(faults.first?.problem.contains("sasl.username") == true)
    }

    @Test func whatMayBeParkedCanBeSet() throws {
        let standard = try read([], [:]).parking
        #expect(standard == ParkingLimits())
        let set = try read(
            ["--parked-key-bytes", "1000", "--parked-lane-records", "7"], ["SCRM_PARKED_LANE_BYTES": "2000"],
            file: "parked:\n  key-records: 5\n  lane-records: 6\n"
        ).parking
        #expect(set.keyBytes == 1_000 && set.laneBytes == 2_000 && set.keyRecords == 5 && set.laneRecords == 7)
        #expect(faults(["--parked-key-bytes", "0"], [:], file: "").map(\.place).contains("--parked-key-bytes"))
    }

    @Test func allFaultsComeAtOnceEachWithItsPlace() throws {
        let faults = faults(
            [
                "--http-address", "nowhere", "--kafka", "enable.idempotence=false", "--set", "colour=red",
                "--set", "nonsense",
            ],
            ["SCRM_CONNECTIONS": "many", "KAFKA_GROUP_ID": "mine"],
            file: """
                namespace: "a b"
                start: sometime
                htpp:
                  address: 127.0.0.1:1
                database:
                  url: mysql://user:hunter2@host/db
                """)
        let places = faults.map(\.place)
        #expect(
            Set(places) == [
                "--set/--kafka", "--set colour", "fleet.yaml:1 (namespace)", "fleet.yaml:2 (start)",
                "fleet.yaml:4 (htpp.address)", "fleet.yaml:6 (database.url)", "--http-address", "SCRM_CONNECTIONS",
                "--kafka enable.idempotence", "KAFKA_GROUP_ID", "kafka.bootstrap.servers",
            ])
        #expect(places.count == 11)
    }

    @Test(arguments: [
        (["--set", "database.url"], [:], ""),
        (["--set", "hunter2"], [:], ""),
        (["--kafka", "hunter2"], [:], ""),
        (["--database-url", "mysql://user:hunter2@host/db"], [:], ""),
        ([], ["DATABASE_URL": "hunter2"], ""),
        ([], ["KAFKA_ENABLE_IDEMPOTENCE": "hunter2"], ""),
        ([], [:], "database:\n  url: [hunter2]\n"),
        ([], [:], "database: {url: \"hunter2"),
        ([], [:], "log: {level: hunter2}"),
        ([], [:], "hunter2"),
    ])
    func secretsAreNeverPrinted(flags: [String], environment: [String: String], file: String) {
        let faults = faults(flags, environment, file: file)
        #expect(!faults.isEmpty)
        #expect(!ConfigurationFaults(faults).description.contains("hunter2"))
    }

    @Test(arguments: [
        ("- a\n- b", "a list is not expected here"), ("a: b: c", "not valid YAML"),
        ("just text", "expected `key: value`"),
        ("start: earliest\nstart: latest", "not valid YAML"), ("http:\n  adress: x:1", "unknown key"),
    ])
    func aBadFileIsRefusedWithALine(file: String, problem: String) {
        let faults = faults(["--bootstrap-servers", "b:1"], [:], file: file)
        #expect(faults.contains { $0.problem.contains(problem) && $0.place.hasPrefix("fleet.yaml:") }, "\(faults)")
    }

    @Test func aMissingFileIsAFault() throws {
        let options = try WorkerOptions.parse(["--config", "/nowhere/fleet.yaml", "--bootstrap-servers", "b:1"])
        #expect(options.reader(environment: [:]).faults.map(\.place) == ["/nowhere/fleet.yaml"])
    }

    @Test func aWorkersOwnSettingsAreKnownInEveryPlace() throws {
        let base = Setting("wecom.base-url", help: "URL.")
        let options = try WorkerOptions.parse(["--bootstrap-servers", "b:1"])
        let reader = options.reader(
            adding: [base], flags: [:], environment: ["SCRM_WECOM_BASE_URL": "http://127.0.0.1:1"])
        #expect(reader.string(base) == "http://127.0.0.1:1")
        #expect(reader.faults.isEmpty)
    }

    @Test(arguments: [
        ("127.0.0.1:0", "127.0.0.1", 0), (":9464", "0.0.0.0", 9464), ("[::]:80", "::", 80),
        ("host:65535", "host", 65535),
    ])
    func addressesAreHostAndPort(text: String, host: String, port: Int) throws {
        let (readHost, readPort) = try WorkerConfiguration.hostAndPort(text)
        #expect(readHost == host)
        #expect(readPort == port)
    }

    @Test(arguments: ["", "host", "host:", "host:x", "host:65536", "host:-1"])
    func otherAddressesAreRefused(text: String) {
        #expect(throws: InvalidSetting.self) { try WorkerConfiguration.hostAndPort(text) }
    }

    private func reader(_ flags: [String], _ environment: [String: String], file: String) throws -> SettingsReader {
        let options = try WorkerOptions.parse(flags)
        return options.reader(environment: environment, file: ConfigurationFile(path: "fleet.yaml", text: file))
    }

    private func read(
        _ flags: [String], _ environment: [String: String], file: String = ""
    ) throws -> WorkerConfiguration {
        var environment = environment
        if environment["KAFKA_BOOTSTRAP_SERVERS"] == nil { environment["KAFKA_BOOTSTRAP_SERVERS"] = "b:9092" }
        var reader = try reader(flags, environment, file: file)
        let configuration = WorkerConfiguration(&reader)
        try reader.finish()
        return configuration
    }

    private func faults(_ flags: [String], _ environment: [String: String], file: String) -> [SettingFault] {
        do {
            var reader = try reader(flags, environment, file: file)
            _ = WorkerConfiguration(&reader)
            return reader.faults
        } catch {
            Issue.record(error)
            return []
        }
    }
}
