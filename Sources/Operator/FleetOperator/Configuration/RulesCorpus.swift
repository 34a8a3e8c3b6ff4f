package import Contracts
import Foundation
import SensitiveWords

/// A rule author's own examples, tried against the rules: the answer of `scrm rules test --corpus`.
package enum RulesCorpus {
    package struct Line: Sendable, Decodable {
        package var id: String?
        package var text: String
        package var expect: Bool
        /// Without one, any rule.
        package var rule: String?
        package var side: RulesConfiguration.Side?
    }

    package struct Report: Sendable, Equatable, Encodable {
        package var version: String
        package var right: Int
        package var wrong: Int
        package var lines: [Entry]

        package struct Entry: Sendable, Equatable, Encodable {
            package var id: String
            package var isRight: Bool
            package var expect: Bool
            package var rule: String?
            /// Rules that hit.
            package var hits: [String]
            package var words: [String]
            package var transforms: [String]
            /// Why words of the expected rule that seem to be there do not count.
            package var because: [String]
            package var text: String
        }

        package var text: String {
            var table = TextTable(header: [
                "LINE", "EXPECTED", "RESULT", "RULES", "WORDS", "READ BY", "NOT, BECAUSE", "TEXT",
            ])
            for line in lines {
                table.append([
                    line.id, line.expect ? "hit" : "no hit", line.isRight ? "right" : "WRONG",
                    line.hits.joined(separator: ","), line.words.joined(separator: ","),
                    line.transforms.joined(separator: ","), line.because.joined(separator: ","),
                    line.text.replacing("\n", with: "⏎"),
                ])
            }
            let missed = lines.count { !$0.isRight && $0.expect }
            return table.text
                + "\n\(right) of \(lines.count) lines right, \(missed) missed, \(wrong - missed) hit wrongly; rules \(version)"
        }
    }

    /// - Throws: With every line that cannot be read.
    package static func lines(of text: String, file: String) throws -> [Line] {
        let decoder = JSONDecoder()
        var lines: [Line] = []
        var faults: [String] = []
        for (index, json) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        where !json.allSatisfy(\.isWhitespace) {
            do {
                lines.append(try decoder.decode(Line.self, from: Data(json.utf8)))
            } catch {
                faults.append("line \(index + 1): needs \"text\" and \"expect\" (true or false), as one JSON object")
            }
        }
        guard faults.isEmpty else {
            throw OperatorFailure(.usage, "\(file) cannot be read.", advice: faults.joined(separator: "\n"))
        }
        guard !lines.isEmpty else { throw OperatorFailure(.usage, "\(file) has no lines.") }
        return lines
    }

    /// - Parameter side: Of lines that do not say who wrote them.
    package static func report(
        _ lines: [Line], rules: RulesConfiguration, version: String, side: RulesConfiguration.Side?
    ) throws -> Report {
        let set = try RuleSet(rules, version: version)
        let entries = lines.enumerated().map { index, line in
            let explanation = set.explain(text: line.text)
            let wanted = line.side ?? side
            let hits = explanation.hits.filter {
                wanted == nil || wanted == .any || $0.side == .any || $0.side == wanted
            }
            let isHit = line.rule.map { rule in hits.contains { $0.facts.id == rule } } ?? !hits.isEmpty
            let spans = hits.filter { line.rule == nil || $0.facts.id == line.rule }.flatMap(\.spans)
            let because = explanation.innocent.filter { line.rule == nil || $0.ruleID == line.rule }
                .map { "\($0.span.pattern) \($0.because.rawValue)" }
            return Report.Entry(
                id: line.id ?? String(index + 1), isRight: isHit == line.expect, expect: line.expect, rule: line.rule,
                hits: hits.map(\.facts.id), words: spans.map(\.pattern),
                transforms: spans.flatMap { $0.transforms ?? [] }.map(\.rawValue).reduce(into: []) { names, name in
                    if !names.contains(name) { names.append(name) }
                }, because: isHit ? [] : because, text: line.text)
        }
        let right = entries.count(where: \.isRight)
        return Report(version: version, right: right, wrong: entries.count - right, lines: entries)
    }
}
