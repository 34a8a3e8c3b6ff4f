/// What remains of the occurrences of one rule's words in one text.
struct RuleVerdict {
    struct Match {
        var occurrence: Occurrence
        /// As written in the rule.
        var word: String
    }

    /// By position, none inside another.
    private(set) var matches: [Match] = []
    private(set) var innocent: [(match: Match, because: Innocence)] = []

    init(rule: Int, occurrences: [Occurrence], rules: RuleSet) {
        var allowed: [Occurrence] = []
        var found: [Match] = []
        for occurrence in occurrences {
            for word in rules.words[occurrence.pattern] where word.rule == rule {
                if word.isAllowed {
                    allowed.append(occurrence)
                } else {
                    found.append(Match(occurrence: occurrence, word: word.text))
                }
            }
        }
        let ranges = AllowedRanges(allowed)
        found.sort {
            ($0.occurrence.start, $1.occurrence.end) < ($1.occurrence.start, $0.occurrence.end)
        }
        for match in found {
            if let because = ranges.innocence(of: match.occurrence) {
                innocent.append((match, because))
            } else if matches.last.map({ $0.occurrence.end < match.occurrence.end }) ?? true {
                matches.append(match)
            }
        }
    }
}
