package import Contracts

/// What the rules make of a text, whoever wrote it: the answer of `scrm rules test`.
package struct Explanation: Sendable, Equatable {
    /// The text as it is matched.
    package var folded: String
    /// Rules with at least one match, in the order of the set; side and scope are not looked at.
    package var hits: [Rule]
    /// Places that look like a word and are none.
    package var innocent: [InnocentPlace]

    package struct Rule: Sendable, Equatable {
        package var facts: Alert.Rule
        package var side: RulesConfiguration.Side
        package var spans: [Alert.Span]
    }

    package struct InnocentPlace: Sendable, Equatable {
        package var ruleID: String
        package var span: Alert.Span
        package var because: Innocence
    }
}

extension RuleSet {
    /// Shows which rules hit `text` and why others do not.
    package func explain(text: String) -> Explanation {
        let finder = OccurrenceFinder(collectsRejected: true)
        finder.find(in: text, using: lexicon)
        let findings = patterns.isEmpty ? [] : patterns.findings(in: text, read: finder, buffer: FoldedText())
        var writer = SpanWriter(text: text)
        var explanation = Explanation(folded: finder.folded.string, hits: [], innocent: [])
        for (occurrence, because) in finder.rejected {
            for word in lexicon.words[occurrence.pattern] where word.canHit && word.allows(occurrence.disguise) {
                explanation.innocent.append(
                    .init(
                        ruleID: rules[word.rule].facts.id, span: writer.span(of: occurrence, word: word.text),
                        because: because))
            }
        }
        for (index, rule) in rules.enumerated() {
            let verdict = RuleVerdict(rule: index, occurrences: finder.occurrences, findings: findings, rules: self)
            let spans = verdict.matches.map { writer.span(of: $0) }
            if !spans.isEmpty { explanation.hits.append(.init(facts: rule.facts, side: rule.side, spans: spans)) }
            for (match, because) in verdict.innocent {
                explanation.innocent.append(
                    .init(ruleID: rule.facts.id, span: writer.span(of: match), because: because))
            }
        }
        return explanation
    }
}
