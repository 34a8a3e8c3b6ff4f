package import Contracts
import SensitiveWords

/// The answer of `scrm rules test`.
package enum RulesTest {
    package struct Report: Sendable, Equatable, Encodable {
        /// The text as it is matched, after folding.
        package var folded: String
        package var hits: [Hit]
        package var innocent: [Innocent]

        package struct Hit: Sendable, Equatable, Encodable {
            package var ruleID: String
            package var name: String
            package var severity: Int
            package var severityTitle: String
            /// Of the rule set.
            package var version: String
            package var side: String
            package var spans: [Span]
        }

        /// A place in the text as given, in Unicode scalars.
        package struct Span: Sendable, Equatable, Encodable {
            package var start: Int
            package var end: Int
            package var word: String
            package var text: String
            /// What had to be undone to read the word.
            package var transforms: [String]

            fileprivate var line: String {
                let undone = transforms.isEmpty ? "" : "; " + transforms.joined(separator: ", ")
                return "「\(text)」 at \(start)–\(end) (\(word)\(undone))"
            }
        }

        package struct Innocent: Sendable, Equatable, Encodable {
            package var ruleID: String
            package var span: Span
            package var because: String
        }

        package var text: String {
            var lines = hits.map { hit in
                let places = hit.spans.map(\.line).joined(separator: ", ")
                return
                    "\(hit.severityTitle) \(hit.ruleID) \(hit.name), side \(hit.side), version \(hit.version): \(places)"
            }
            if hits.isEmpty { lines.append("No rule hits.") }
            lines += innocent.map { place in
                "not \(place.ruleID): 「\(place.span.text)」 at \(place.span.start)–\(place.span.end), "
                    + place.because.replacing("_", with: " ")
            }
            return (lines + ["matched as: \(folded)"]).joined(separator: "\n")
        }
    }

    /// - Parameters:
    ///   - version: Of the rules.
    ///   - side: Leaves out rules for the other side.
    package static func report(
        _ text: String, rules: RulesConfiguration, version: String, side: RulesConfiguration.Side?
    ) throws -> Report {
        let scalars = Array(text.unicodeScalars)
        func span(_ span: Alert.Span) -> Report.Span {
            var words = String.UnicodeScalarView()
            words.append(contentsOf: scalars[max(0, span.start)..<min(scalars.count, span.end)])
            return .init(
                start: span.start, end: span.end, word: span.pattern, text: String(words),
                transforms: (span.transforms ?? []).map(\.rawValue))
        }
        let explanation = try RuleSet(rules, version: version).explain(text: text)
        return Report(
            folded: explanation.folded,
            hits: explanation.hits.filter { side == nil || $0.side == .any || $0.side == side }.map { hit in
                .init(
                    ruleID: hit.facts.id, name: hit.facts.name, severity: hit.facts.severity.rawValue,
                    severityTitle: hit.facts.severity.title, version: hit.facts.version, side: hit.side.rawValue,
                    spans: hit.spans.map(span))
            },
            innocent: explanation.innocent.map {
                .init(ruleID: $0.ruleID, span: span($0.span), because: $0.because.rawValue)
            })
    }
}
