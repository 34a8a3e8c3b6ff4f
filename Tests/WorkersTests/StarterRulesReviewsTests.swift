import Contracts
import FleetOperator
import Foundation
import SensitiveWords
import Testing

/// The starter rules on real customers' words, each line judged by a reader (Tests/Fixtures/SensitiveWords/README.md).
@Suite struct StarterRulesReviewsTests {
    private enum Verdict: String, Decodable {
        case right
        /// A false alarm.
        case wrong
        case missed
    }

    private struct Line: Decodable {
        var source: String
        var rule: String
        var text: String
        var hit: Bool
        var verdict: Verdict
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func lines() throws -> [Line] {
        try String(
            contentsOf: root.appending(path: "Tests/Fixtures/SensitiveWords/reviews.jsonl"), encoding: .utf8
        ).split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    }

    /// What is hit is what was read: a change of the rules or the matcher that hits another line needs a reader.
    @Test func theRulesHitTheLinesThatWereJudged() throws {
        let yaml = try String(contentsOf: Self.root.appending(path: "deploy/demo/rules.yaml"), encoding: .utf8)
        let rules = try RuleSet(RulesFile.read(yaml, corpID: nil), version: "starter")
        var judge = Judge(rules: rules, departments: nil)
        let lines = try Self.lines()
        #expect(lines.count == 400)
        let changed = lines.filter { line in
            let message = ChatMessage(
                corpID: rules.corpID, messageID: line.source, filedAt: nil, sentAt: nil, sequence: nil, action: "send",
                messageType: "text", conversation: Conversation(id: "s:a|b", kind: .single, external: true),
                sender: Party(id: "b", kind: .customer), recipients: [Party(id: "a", kind: .employee)], text: line.text)
            return judge.hits(in: message).contains { $0.rule.id == line.rule } != line.hit
        }
        #expect(changed.map { "\($0.source) \($0.rule) \($0.hit ? "no longer hit" : "hit")" } == [])
    }

    /// Of a hundred alarms no more than fifteen are false.
    @Test func thePrecisionIsWhatIsSaid() throws {
        let hits = try Self.lines().filter(\.hit)
        let right = hits.count { $0.verdict == .right }
        print("starter rules on reviews: \(right) of \(hits.count) hits are right")
        #expect(hits.count >= 200)
        #expect(Double(right) / Double(hits.count) >= 0.85)
    }
}
