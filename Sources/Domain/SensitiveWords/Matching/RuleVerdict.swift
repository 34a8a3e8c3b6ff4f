import Contracts

/// What remains of the occurrences of one rule's words and patterns in one text.
struct RuleVerdict {
    struct Match {
        enum Source {
            case word(Occurrence, variant: Alert.Transform?)
            case pattern(PatternFinding)
        }

        var start: Int
        var end: Int
        /// As written in the rule, or the name of the pattern.
        var word: String
        var source: Source
    }

    /// By position, none inside another.
    private(set) var matches: [Match] = []
    private(set) var innocent: [(match: Match, because: Innocence)] = []

    init(rule: Int, occurrences: [Occurrence], findings: [PatternFinding], rules: RuleSet) {
        let compiled = rules.rules[rule]
        var sorter = OccurrenceSorter(rule: rule, gap: compiled.gap, rules: rules)
        sorter.sort(occurrences)
        let allowed = AllowedRanges(sorter.allowed)
        innocent = sorter.tooFarApart
        func guilty(_ found: [Match]) -> [Match] {
            var guilty: [Match] = []
            for match in found {
                if let because = Self.innocence(of: match, allowed: allowed, rules: rules) {
                    innocent.append((match, because))
                } else {
                    guilty.append(match)
                }
            }
            return Self.outermost(guilty)
        }
        let patterns = findings.filter { compiled.patterns.contains($0.pattern) }.map { finding in
            Match(
                start: finding.start, end: finding.end, word: rules.patterns.patterns[finding.pattern].title,
                source: .pattern(finding))
        }
        let words = guilty(sorter.words + patterns)
        guard let logic = compiled.logic else {
            matches = words
            return
        }
        let judgement = LogicJudgement(
            logic: logic, needsWords: compiled.hasWordsOrPatterns, words: words,
            required: sorter.required.mapValues(guilty), excluded: guilty(sorter.excluded))
        matches = judgement.matches
        if matches.isEmpty { innocent += words.map { ($0, .logic) } }
    }

    private static func innocence(of match: Match, allowed: AllowedRanges, rules: RuleSet) -> Innocence? {
        guard case .word(let occurrence, let variant) = match.source else {
            return allowed.covers(match.start, match.end) ? .insideAllowedWord : nil
        }
        if let because = allowed.innocence(of: occurrence) { return because }
        let units = rules.lexicon.patterns[occurrence.pattern]
        guard units.count >= 2, let first = units.first, let last = units.last else { return nil }
        let isVariant = variant == .homophone || variant == .lookalike
        guard units.count == 2 || isVariant, occurrence.disguise != .pinyin else { return nil }
        let everyday = EverydayWords.shared
        let left = everyday.contains(occurrence.before, first)
        let right = everyday.contains(last, occurrence.after)
        if units.count == 2 && occurrence.bridgesClauses && (left || right) { return .bridgesWords }
        return left && right || isVariant && (left || right) ? .cutsWords : nil
    }

    /// By position, without those inside others.
    private static func outermost(_ matches: [Match]) -> [Match] {
        var outermost: [Match] = []
        for match in matches.sorted(by: { ($0.start, $1.end) < ($1.start, $0.end) })
        where outermost.last.map({ $0.end < match.end }) ?? true {
            outermost.append(match)
        }
        return outermost
    }
}

/// Tells the occurrences of a rule's words apart by what they mean for it.
private struct OccurrenceSorter {
    let rule: Int
    let gap: Int
    let rules: RuleSet
    var words: [RuleVerdict.Match] = []
    var allowed: [Occurrence] = []
    var required: [Int: [RuleVerdict.Match]] = [:]
    var excluded: [RuleVerdict.Match] = []
    var tooFarApart: [(match: RuleVerdict.Match, because: Innocence)] = []

    init(rule: Int, gap: Int, rules: RuleSet) {
        self.rule = rule
        self.gap = gap
        self.rules = rules
    }

    mutating func sort(_ occurrences: [Occurrence]) {
        for occurrence in occurrences {
            for word in rules.lexicon.words[occurrence.pattern]
            where word.rule == rule && word.allows(occurrence.disguise) {
                let match = RuleVerdict.Match(
                    start: occurrence.start, end: occurrence.end, word: word.text,
                    source: .word(occurrence, variant: word.variant))
                switch word.role {
                case _ where occurrence.widestGap > gap:
                    if word.role != .allowed { tooFarApart.append((match, .tooFarApart)) }
                case .word: words.append(match)
                case .allowed: allowed.append(occurrence)
                case .required(let list): required[list, default: []].append(match)
                case .excluded: excluded.append(match)
                }
            }
        }
    }
}
