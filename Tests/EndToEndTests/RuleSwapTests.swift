import Contracts
import FleetHarness
import Foundation
import Synchronization
import TestSupport
import Testing

/// Large rule sets are swapped while messages flow.
@Suite(.requiresPostgres, .serialized)
struct RuleSwapTests {
    /// A word of the stream that only one version of the rules looks for.
    private static let markers = ["您好", "谢谢", "收到"]

    @Test(.patient)
    func rulesOf100000WordsAreSwappedWithoutLosingAMessage() async throws {
        try await TestFleet.withFleet { fleet in
            let rows = (0..<99_000).map { "\(Self.unsaid($0)),never said" }
            try Data(("word,note\n" + rows.joined(separator: "\n")).utf8)
                .write(to: fleet.folder.appending(path: "words.csv"))
            var version = try await Self.apply(0, to: fleet)
            var markers = [version: Self.markers[0]]
            let workers = try [Programs.archiveIngest, Programs.sensitiveWordMonitor].map { try fleet.start($0) }
            let second = try fleet.start(Programs.sensitiveWordMonitor, copy: 2)

            let stream = ChatStream(
                seed: 5, count: 60_000, conversations: 400, alertEvery: 100,
                nowMilliseconds: Int64(Date.now.timeIntervalSince1970 * 1000))
            let isSwapped = Mutex(false)
            async let sent = ChatProducer(fleet: fleet, stream: stream).run(rate: 50) { !isSwapped.withLock { $0 } }
            try await Self.hasJudged(version, fleet)
            for index in 1..<Self.markers.count {
                version = try await Self.apply(index, to: fleet, ["--wait"] + TestFleet.patient)
                markers[version] = Self.markers[index]
                try await Self.hasJudged(version, fleet)
            }
            isSwapped.withLock { $0 = true }
            let messages = try await sent
            try await eventually("both copies say that they run the last version") {
                let status = try await fleet.scrm("rules", "status", "--json")
                return status.components(separatedBy: #""is_current":true"#).count == 3
            }
            try await fleet.drain(worker: Programs.sensitiveWordMonitor)
            #expect((workers + [second]).map(\.isRunning) == [true, true, true])

            let hits = try await fleet.query(
                "SELECT msgid, rule_id, rule_version, spans->0->>'pattern' FROM monitor.hits", as: String.self,
                String.self, String.self, String.self)
            // The rule that all versions share has hit every message it must, once.
            #expect(
                hits.filter { $0.1 == ChatStream.rule }.map(\.0).sorted() == messages.filter(\.hit).map(\.id).sorted())
            // The other one hit by the word of the version that the hit carries, and each version has judged something.
            let marked = hits.filter { $0.1 == "marker" }
            #expect(marked.filter { markers[$0.2] != $0.3 }.map(\.0) == [])
            #expect(Set(marked.map(\.2)) == Set(markers.keys))
            // Whatever the version, it must have hit what has all the words.
            let found = Set(marked.map(\.0))
            let certain = messages.filter { message in Self.markers.allSatisfy { message.text.contains($0) } }
            #expect(!certain.isEmpty)
            #expect(certain.map(\.id).filter { !found.contains($0) } == [])
        }
    }

    /// Waits until a message was judged by this version of the rules.
    private static func hasJudged(_ version: String, _ fleet: TestFleet) async throws {
        try await eventually("version \(version) has judged a message") {
            try await fleet.query(
                "SELECT count(*) FROM monitor.hits WHERE rule_id = 'marker' AND rule_version = '\(version)'",
                as: Int64.self)[0] > 0
        }
    }

    /// Puts a version in force.
    /// - Returns: its name.
    private static func apply(
        _ index: Int, to fleet: TestFleet, _ arguments: [String] = []
    ) async throws -> String {
        let file = fleet.folder.appending(path: "rules-\(index).yaml")
        let yaml = """
            corp_id: \(ChatStream.corp)
            rules:
              - {id: \(ChatStream.rule), name: 客户维权, side: customer, severity: 严重, words: [维权]}
              - {id: marker, name: 标记, side: any, severity: 提示, words: [\(Self.markers[index])], words_from: [words.csv]}
            """
        try Data(yaml.utf8).write(to: file)
        let output = try await fleet.scrm(["rules", "apply", file.path, "--json"] + arguments)
        struct Report: Decodable { var version: String }
        let line = try #require(output.split(separator: "\n").last { $0.hasPrefix("{") })
        return try JSONDecoder().decode(Report.self, from: Data(line.utf8)).version
    }

    /// A word of four rare characters, another one for each number.
    private static func unsaid(_ index: Int) -> String {
        var word = String.UnicodeScalarView()
        var rest = UInt32(index)
        for _ in 0..<4 {
            if let scalar = Unicode.Scalar(0x9F00 + rest % 100) { word.append(scalar) }
            rest /= 100
        }
        return String(word)
    }
}
