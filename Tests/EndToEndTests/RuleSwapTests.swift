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

    @Test(.timeLimit(.minutes(10)))
    func rulesOf100000WordsAreSwappedWithoutLosingAMessage() async throws {
        try await TestFleet.withFleet { fleet in
            let rows = (0..<99_000).map { "\(Self.unsaid($0)),never said" }
            try Data(("word,note\n" + rows.joined(separator: "\n")).utf8)
                .write(to: fleet.folder.appending(path: "words.csv"))
            var markers = [try await Self.apply(0, to: fleet): Self.markers[0]]
            let workers = try [Programs.archiveIngest, Programs.sensitiveWordMonitor].map { try fleet.start($0) }
            let second = try fleet.start(Programs.sensitiveWordMonitor, copy: 2)

            let stream = ChatStream(
                seed: 5, count: 60_000, conversations: 400, alertEvery: 100,
                nowMilliseconds: Int64(Date.now.timeIntervalSince1970 * 1000))
            let progress = Progress()
            let swapped = try await withThrowingTaskGroup(of: [String: String].self) { group in
                group.addTask {
                    // While the rules are swapped, and for some time more.
                    var rest = 5
                    while rest > 0 {
                        if progress.isSwapped.withLock({ $0 }) { rest -= 1 }
                        var part = stream
                        let from = progress.sent.withLock { $0 }
                        part.messages = Array(stream.messages[from..<min(from + 200, stream.messages.count)])
                        guard !part.messages.isEmpty else { break }
                        try await ChatProducer(fleet: fleet, stream: part).run(rate: 100)
                        progress.sent.withLock { $0 = from + part.messages.count }
                    }
                    return [:]
                }
                group.addTask {
                    var versions: [String: String] = [:]
                    for index in 1..<Self.markers.count {
                        versions[try await Self.apply(index, to: fleet, "--wait", "--timeout", "300")] =
                            Self.markers[index]
                    }
                    progress.isSwapped.withLock { $0 = true }
                    return versions
                }
                return try await group.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
            }
            markers.merge(swapped) { first, _ in first }
            let status = try await fleet.scrm("rules", "status", "--json")
            try await fleet.drain(within: 200, worker: Programs.sensitiveWordMonitor)
            #expect((workers + [second]).map(\.isRunning) == [true, true, true])
            #expect(status.components(separatedBy: #""is_current":true"#).count == 3)

            let hits = try await fleet.query(
                "SELECT msgid, rule_id, rule_version, spans->0->>'pattern' FROM monitor.hits", as: String.self,
                String.self, String.self, String.self)
            let messages = stream.messages.prefix(progress.sent.withLock { $0 })
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

    private final class Progress: Sendable {
        /// Messages sent so far.
        let sent = Mutex(0)
        /// Every version has been put in force.
        let isSwapped = Mutex(false)
    }

    /// Puts a version in force.
    /// - Returns: its name.
    private static func apply(_ index: Int, to fleet: TestFleet, _ arguments: String...) async throws -> String {
        let file = fleet.folder.appending(path: "rules-\(index).yaml")
        let yaml = """
            corp_id: \(ChatStream.corp)
            rules:
              - {id: \(ChatStream.rule), name: 客户维权, side: customer, severity: 严重, words: [维权]}
              - {id: marker, name: 标记, side: any, severity: 提示, words: [\(Self.markers[index])], words_from: [words.csv]}
            """
        try Data(yaml.utf8).write(to: file)
        let output = try await fleet.scrm(["rules", "apply", file.path, "--json"] + arguments, within: .seconds(320))
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
