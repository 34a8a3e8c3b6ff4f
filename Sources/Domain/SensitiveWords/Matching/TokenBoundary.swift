/// Whether a match begins or ends in the middle of a Latin word, name or number.
///
/// `USB` has no SB in it, `8812315` and `SF12315` no 12315. A number written with gaps goes on through gaps, and may be
/// followed by letters: 「12315app」 is meant.
struct TokenBoundary {
    /// Separators that a number may go on through.
    private static let numberGap = 3

    let reading: Reading
    let range: Range<Int>
    let isGapped: Bool
    /// No letter or digit may stand beside it, nor behind one separator.
    let isStrict: Bool

    var isInsideToken: Bool { continuesBefore || continuesAfter }

    private var continuesBefore: Bool {
        let start = range.lowerBound
        guard start > 0 else { return false }
        let before = kind(start - 1)
        if isStrict && reading.gap(before: start) <= 1 && (before == .letter || before == .digit) { return true }
        switch kind(start) {
        case .letter:
            return reading.isJoined(at: start) && (before == .letter || isDigitBehindJoiner(start, before))
                || isGapped && reading.gap(before: start) <= 1 && isSingleLetter(start - 1)
        case .digit:
            return reading.isJoined(at: start) && (before == .letter || before == .digit)
                || isGapped && before == .digit && reading.gap(before: start) <= Self.numberGap
        case .other, .dropped, .space, .punctuation, .symbol, .joiner: return false
        }
    }

    private var continuesAfter: Bool {
        let end = range.upperBound
        guard end < reading.count else { return false }
        let after = kind(end)
        if isStrict && reading.gap(before: end) <= 1 && (after == .letter || after == .digit) { return true }
        switch kind(end - 1) {
        case .letter:
            return reading.isJoined(at: end) && (after == .letter || isDigitBehindJoiner(end, after))
                || isGapped && reading.gap(before: end) <= 1 && isSingleLetter(end)
        case .digit:
            return after == .digit
                && (reading.isJoined(at: end) || isGapped && reading.gap(before: end) <= Self.numberGap)
        case .other, .dropped, .space, .punctuation, .symbol, .joiner: return false
        }
    }

    /// A letter by itself: `I S B N` is spelt out, and no SB is in it.
    private func isSingleLetter(_ index: Int) -> Bool {
        kind(index) == .letter
            && !(index > 0 && reading.isJoined(at: index) && kind(index - 1) == .letter)
            && !(index + 1 < reading.count && reading.isJoined(at: index + 1) && kind(index + 1) == .letter)
    }

    private func isDigitBehindJoiner(_ index: Int, _ kind: FoldingTable.Kind) -> Bool {
        kind == .digit && reading.gap(before: index) > 0
    }

    /// Syllables of pinyin are letters.
    private func kind(_ index: Int) -> FoldingTable.Kind {
        let unit = reading.units[index]
        if unit < Syllables.firstUnit { return FoldingTable.shared.kind(ofFolded: unit) }
        return reading.isChanged(at: index) ? .letter : .other
    }
}
