import PatternMatching

/// Finds the patterns of a rule set in one text after the other.
///
/// A text is read once without any separators and, if it has signs that are part of some word (「微❤」), once more with
/// those signs as characters. What the automaton reports is checked here: distances between the characters, and that
/// Latin words and numbers stand for themselves.
struct OccurrenceFinder {
    /// Separators allowed between two characters of a word.
    static let maximumGap = 3

    /// What was found in the last text.
    private(set) var occurrences: [Occurrence] = []
    /// What only looked like it, when asked for.
    private(set) var rejected: [(occurrence: Occurrence, because: Innocence)] = []
    /// The last text without separators.
    private(set) var folded = FoldedText()
    private var foldedWithSymbols = FoldedText()
    private let collectsRejected: Bool

    init(collectsRejected: Bool = false) { self.collectsRejected = collectsRejected }

    mutating func find(in text: String, using rules: RuleSet) {
        occurrences.removeAll(keepingCapacity: true)
        rejected.removeAll(keepingCapacity: true)
        folded.fold(text, keeping: .skipped, listed: rules.symbols)
        let plain = folded
        rules.matcher.forEachMatch(in: plain.scalars.span) { add($0, in: plain) }
        if plain.containsListedSymbol {
            foldedWithSymbols.fold(text, keeping: .kept(rules.symbols))
            let withSymbols = foldedWithSymbols
            rules.matcher.forEachMatch(in: withSymbols.scalars.span) { match in
                // The others were found in the first reading.
                if rules.containsSymbol[match.pattern] { add(match, in: withSymbols) }
            }
        }
    }

    private mutating func add(_ match: PatternMatcher.Match, in text: FoldedText) {
        var widestGap = 0
        for index in match.start + 1..<match.end { widestGap = max(widestGap, text.gap(before: index)) }
        let occurrence = Occurrence(
            pattern: match.pattern, start: Int(text.offsets[match.start]), end: Int(text.offsets[match.end - 1]) + 1,
            length: match.end - match.start, isGapped: widestGap > 0)
        if widestGap > Self.maximumGap {
            if collectsRejected { rejected.append((occurrence, .tooFarApart)) }
        } else if text.continuesToken(before: match.start, isGapped: widestGap > 0)
            || text.continuesToken(after: match.end, isGapped: widestGap > 0)
        {
            if collectsRejected { rejected.append((occurrence, .insideToken)) }
        } else {
            occurrences.append(occurrence)
        }
    }
}

extension FoldedText {
    /// A match that begins at `start` begins in the middle of a Latin word, name or number.
    ///
    /// `USB` has no SB in it, `8812315` and `SF12315` no 12315. A number written with gaps goes on through gaps.
    fileprivate func continuesToken(before start: Int, isGapped: Bool) -> Bool {
        guard start > 0 else { return false }
        let before = FoldingTable.shared.kind(ofFolded: scalars[start - 1])
        switch FoldingTable.shared.kind(ofFolded: scalars[start]) {
        case .letter:
            return isJoined(at: start) && (before == .letter || before == .digit && gap(before: start) > 0)
        case .digit:
            return isJoined(at: start) && (before == .letter || before == .digit)
                || isGapped && before == .digit && gap(before: start) <= OccurrenceFinder.maximumGap
        case .other, .dropped, .space, .punctuation, .symbol, .joiner: return false
        }
    }

    /// A match that ends before `end` ends in the middle of a Latin word, name or number. A number may be followed by
    /// letters: 「12315app」 is meant.
    fileprivate func continuesToken(after end: Int, isGapped: Bool) -> Bool {
        guard end < scalars.count else { return false }
        let after = FoldingTable.shared.kind(ofFolded: scalars[end])
        switch FoldingTable.shared.kind(ofFolded: scalars[end - 1]) {
        case .letter:
            return isJoined(at: end) && (after == .letter || after == .digit && gap(before: end) > 0)
        case .digit:
            return after == .digit
                && (isJoined(at: end) || isGapped && gap(before: end) <= OccurrenceFinder.maximumGap)
        case .other, .dropped, .space, .punctuation, .symbol, .joiner: return false
        }
    }
}
