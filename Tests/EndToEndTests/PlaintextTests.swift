import Contracts
import FleetHarness
import Foundation
import Kafka
import Postgres
import Records
import TestSupport
import Testing

/// What customers say, phone numbers, names and secrets stay out of logs, metrics and error texts, whatever goes wrong.
@Suite(.requiresPostgres, .serialized)
struct PlaintextTests {
    /// Texts that occur in messages, keys, headers, configurations and settings.
    private enum Marker {
        static let text = "悄悄话七四三一"
        static let phone = "13912345678"
        static let key = "key-7431-secret"
        static let header = "header-7431-secret"
        static let person = "周宁"
        static let password = "password-7431"
        static let token = "token-7431"

        static let all = [text, phone, key, header, person, password, token]
    }

    @Test(.patient)
    func noErrorPathTellsWhatWasSaid() async throws {
        try await TestFleet.withFleet { fleet in
            try await prepare(fleet)
            let debug = ["--log-level", "debug", "--stall-limit-seconds", "2"]
            let workers = try [Programs.archiveIngest, Programs.sensitiveWordMonitor, Programs.alertNotifier].map {
                try fleet.probed($0, debug)
            }
            let sandbox = Sandbox(url: fleet.sandboxURL)
            for kind in ["http500", "errcode", "drop_before_effect", "long_answer", "drop_after_effect"] {
                for path in ["/cgi-bin/webhook/send", "/webhook/crm"] {
                    try await sandbox.add(fault: ["kind": kind, "path": path, "count": 1, "errcode": 93_000])
                }
            }
            try await send(Self.rawMessages(corp: ChatStream.corp), to: Topics.chatRaw, of: fleet)
            for topic in [Topics.chatMessages, Topics.alerts] {
                try await send(Self.malformed, to: topic, of: fleet)
            }
            // The key of a configuration is an identifier.
            for topic in [Topics.corps, Topics.directory, Topics.rules] {
                try await send(Self.malformed, to: topic, key: "\(ChatStream.corp)/other", of: fleet)
            }
            try await fleet.cutConnections(of: Schema.archive.role)
            try await fleet.drain()
            #expect(try await reasons(fleet, .archive).isSuperset(of: ["rejected", "malformed_json"]))
            #expect(try await reasons(fleet, .monitor).isSuperset(of: ["bad_source_seq", "malformed_json"]))
            #expect(try await reasons(fleet, .alerting).isSuperset(of: ["bad_source_seq", "malformed_alert"]))
            try await eventually("no delivery is open") {
                let states = try await fleet.query("SELECT state FROM alerting.deliveries", as: String.self)
                return !states.isEmpty && states.allSatisfy { ["delivered", "failed"].contains($0) }
            }
            var pages: [String] = []
            for (_, probe) in workers {
                for path in ["metrics", "livez", "readyz"] { pages.append(try await probe.ask(path).text) }
            }
            #expect(workers.map(\.program.isRunning) == [true, true, true])
            pages += try await misconfigure(fleet)

            #expect(pages.flatMap { leaks(in: $0, fleet) } == [])
            for log in try logs(fleet) {
                let text = try String(contentsOf: log, encoding: .utf8)
                #expect(leaks(in: text, fleet) == [], "\(log.lastPathComponent)")
            }
            // The logs are those of a run in which things were said at all.
            let ingest = try String(contentsOf: workers[0].program.log, encoding: .utf8)
            #expect(ingest.contains(" debug "))
            #expect(leaks(in: "…\(Marker.phone)…", fleet) == ["…\(Marker.phone)…"])
        }
    }

    // MARK: What goes wrong

    /// A webhook whose address holds a token, a directory with names, and a database that refuses some rows while
    /// quoting them.
    private func prepare(_ fleet: TestFleet) async throws {
        try await fleet.apply(
            "corps",
            """
            corps:
              - id: \(ChatStream.corp)
                name: 青禾家居
                robots:
                  - {id: compliance, key: "env:ROBOT_COMPLIANCE_KEY"}
                  - {id: sales, key: "env:ROBOT_SALES_KEY"}
                webhooks:
                  - {id: crm, url: "\(fleet.sandboxURL)/webhook/crm?token=\(Marker.token)", secret: "env:WEBHOOK_CRM_SECRET"}
            """)
        try await fleet.database.withPool(size: 1) { pool in
            try await pool.execute(
                """
                CREATE FUNCTION public.refuse_row() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF NEW.text LIKE 'data%' THEN
                        RAISE EXCEPTION 'bad value "%"', NEW.text USING ERRCODE = '22P02', DETAIL = NEW.text;
                    ELSIF NEW.text LIKE 'check%' THEN
                        RAISE EXCEPTION 'row "%" refused', NEW.text USING ERRCODE = '23514', DETAIL = NEW.text;
                    END IF;
                    RETURN NEW;
                END $$
                """)
            try await pool.execute(
                """
                CREATE TRIGGER refuse_row BEFORE INSERT ON archive.messages
                FOR EACH ROW EXECUTE FUNCTION public.refuse_row()
                """)
        }
    }

    /// Records no worker can read.
    private static let malformed = [
        "{\"text\": \"\(Marker.text) \(Marker.phone)\"", "\(Marker.text) \(Marker.phone)",
        "{\"corp_id\": 5, \"rules\": \"\(Marker.text)\", \"corps\": \"\(Marker.password)\"}",
    ]

    private static func rawMessages(corp: String) -> [String] {
        let now = Int64(Date.now.timeIntervalSince1970 * 1000)
        func message(
            _ id: String, _ text: String, corp: String = ChatStream.corp, msgtype: String = "text"
        ) -> String {
            let body = "\(text) \(Marker.text) 电话\(Marker.phone)"
            return """
                {"msgid":"\(id)_\(now)_external","corp_id":"\(corp)","seq":1,"action":"send",\
                "from":"\(ChatStream.customer(1))","tolist":["zhouning"],"roomid":"","msgtime":\(now),\
                "msgtype":"\(msgtype)","text":{"content":"\(body)"}}
                """
        }
        return malformed + [
            message("1", "我要维权"), message("2", "您好"), message("2", "您好，另一个版本"),
            message("3", "不认识的企业", corp: "wwffffffffffffffff"), message("4", "不认识的种类", msgtype: "telepathy"),
            message("5", "data"), message("6", "check"), "{\"msgid\": \"\(Marker.phone)\"}",
        ]
    }

    private func send(
        _ values: [String], to topic: Topic, key: String = Marker.key, of fleet: TestFleet
    ) async throws {
        let producer = try KafkaProducer(fleet.kafka, logger: TestFleet.logger)
        let records = values.enumerated().map { index, value in
            // Every other number is none.
            OutgoingRecord(
                topic: fleet.namespace.topic(topic), partition: 0, key: Array(key.utf8),
                value: Array(value.utf8),
                headers: [
                    Header(HeaderNames.source, text: Marker.header),
                    Header(HeaderNames.sourceSequence, text: index % 2 == 0 ? Marker.phone + "x" : String(index)),
                ])
        }
        try await producer.enqueue(records).acknowledged()
        await producer.close()
    }

    /// Programs that must refuse to run, or cannot connect, because of settings with secrets in them.
    /// - Returns: what `scrm` said.
    private func misconfigure(_ fleet: TestFleet) async throws -> [String] {
        let file = fleet.folder.appendingPathComponent("broken.yaml")
        let broken = "database: {url: 'postgres://u:\(Marker.password)@h/d'}\nkafka: [\n  - \(Marker.token): {\n"
        try Data(broken.utf8).write(to: file)
        let address = "postgres://u:\(Marker.password)@127.0.0.1:no/d?\(Marker.token)"
        let refused: [(String, [String], [String: String])] = [
            (Programs.alertNotifier, [], ["ALERT_LINK_SECRET": Marker.token]),
            (Programs.archiveIngest, [], ["DATABASE_URL": address]),
            (Programs.archiveIngest, [], ["KAFKA_SASL_PASSWORD": Marker.password, "KAFKA_SASL_MECHANISMS": "NONE"]),
            (Programs.archiveIngest, ["--config", file.path], [:]),
        ]
        for (index, (program, arguments, settings)) in refused.enumerated() {
            let running = try fleet.start(program, copy: 50 + index, arguments, settings: settings)
            // What can't be reached is waited for.
            try await eventually("\(program) ends or says what it waits for") {
                let log = try String(contentsOf: running.log, encoding: .utf8)
                return !running.isRunning || log.contains("Waiting before the first record.")
            }
            running.send(15)
            _ = try await running.exitCode()
        }
        let lines = fleet.folder.appendingPathComponent("lines.jsonl")
        try Data(Self.malformed.joined(separator: "\n").utf8).write(to: lines)
        var said: [String] = []
        for command in [["ingest", lines.path], ["rules", "apply", file.path], ["corps", "apply", lines.path]] {
            let failure = await #expect(throws: ProgramFailed.self) { try await fleet.scrm(command) }
            said.append(failure?.output ?? "")
        }
        return said
    }

    // MARK: What was said

    private func reasons(_ fleet: TestFleet, _ schema: Schema) async throws -> Set<String> {
        Set(try await fleet.query("SELECT reason FROM \(schema.rawValue).dead_letters", as: String.self))
    }

    /// Of the programs that stay up. What `scrm` does as asked, it shows to whoever asked; the WeCom sandbox exists to
    /// show what it receives.
    private func logs(_ fleet: TestFleet) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: fleet.folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "log" }
            .filter { file in !["scrm-", "wecom-sandbox"].contains { file.lastPathComponent.hasPrefix($0) } }
    }

    /// Lines with a marker or a secret in them.
    private func leaks(in text: String, _ fleet: TestFleet) -> [String] {
        let secrets = Marker.all + [fleet.secret]
        return text.split(separator: "\n").map(String.init).filter { line in secrets.contains { line.contains($0) } }
    }
}
