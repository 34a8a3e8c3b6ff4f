import Contracts
import Foundation
import SensitiveWords
import Testing

/// The evasion corpus: 51 lines that must hit their rule and 44 that must not.
@Suite struct SensitiveWordsCorpusTests {
    struct Line: Decodable, Sendable {
        var id: String
        var rule: String
        var side: RulesConfiguration.Side
        var text: String
        var expect: Bool
        var how: String
    }

    static func lines() throws -> [Line] {
        let decoder = JSONDecoder()
        return try SensitiveWordsFixtures.data("corpus.jsonl").split(separator: UInt8(ascii: "\n"))
            .map { try decoder.decode(Line.self, from: Data($0)) }
    }

    static func isHit(_ line: Line, _ rules: RuleSet) -> Bool {
        var judge = Judge(rules: rules, departments: nil)
        let fixtures = SensitiveWordsFixtures.self
        let message =
            line.side == .customer
            ? fixtures.message(line.text)
            : fixtures.message(line.text, from: fixtures.employee, to: [fixtures.customer])
        return judge.hits(in: message).contains { $0.rule.id == line.rule }
    }

    @Test func everyLineComesOutAsExpected() throws {
        let rules = try RuleSet(SensitiveWordsFixtures.corpusRules(), version: "corpus")
        let lines = try Self.lines()
        #expect(lines.count(where: \.expect) == 51)
        #expect(lines.count(where: { !$0.expect }) == 44)
        #expect(lines.filter { Self.isHit($0, rules) != $0.expect }.map(\.id) == [])
    }

    /// The words of another rule must not stand in for those of the expected one: each text is hit by its rule only.
    @Test func noLineHitsARuleItIsNotAbout() throws {
        let rules = try RuleSet(SensitiveWordsFixtures.corpusRules(), version: "corpus")
        for line in try Self.lines() where line.side == .customer {
            var judge = Judge(rules: rules, departments: nil)
            let others = judge.hits(in: SensitiveWordsFixtures.message(line.text)).map(\.rule.id)
                .filter { $0 != line.rule }
            #expect(others == [], "\(line.id)")
        }
    }
}
