import Contracts
import PatternMatching

/// Finds the patterns of a lexicon in one text after the other.
///
/// A text is read once without any separators. Only where it shows a cue is it read again with a disguise taken off:
/// signs that stand for words, repetitions, components of characters, pinyin, numerals. What a second reading finds
/// counts only if it needed that reading. Distances between the characters and the ends of Latin words and numbers are
/// checked here. One task at a time.
final class OccurrenceFinder {
    /// What was found in the last text.
    private(set) var occurrences: [Occurrence] = []
    /// What only looked like it, when asked for.
    private(set) var rejected: [(occurrence: Occurrence, because: Innocence)] = []
    /// The last text without separators.
    let folded = FoldedText()
    private let withSigns = FoldedText()
    private let second: SecondReading
    private var matches: [PatternMatcher.Match] = []
    private let collectsRejected: Bool

    init(collectsRejected: Bool = false) {
        self.collectsRejected = collectsRejected
        second = SecondReading(of: folded)
    }

    func find(in text: String, using lexicon: Lexicon) {
        occurrences.removeAll(keepingCapacity: true)
        rejected.removeAll(keepingCapacity: true)
        folded.fold(text, signs: .skipped, listed: lexicon.signs)
        read(folded, lexicon, as: nil)
        if folded.cues & FoldingTable.Entry.signCue != 0 || folded.hasListedSign {
            withSigns.fold(text, signs: .read(lexicon.signs))
            read(withSigns, lexicon, as: .emoji)
        }
        if folded.hasRepetition && repeatsInnerUnit(lexicon.innerUnits) && second.takeOffRepetitions(of: folded) {
            read(second, lexicon, as: .repeated)
        }
        if lexicon.hasComponents && folded.cues & FoldingTable.Entry.componentCue != 0
            && second.takeOffComponents(of: folded, widestGap: lexicon.widestGap)
        {
            read(second, lexicon, as: .components)
        }
        if lexicon.hasNumbers && folded.cues & FoldingTable.Entry.numeralCue != 0
            && readNumerals(widestGap: lexicon.widestGap)
        {
            read(second, lexicon, as: .numerals)
        }
        if !lexicon.soundPatterns.isEmpty && folded.cues & FoldingTable.Entry.letterCue != 0
            && second.takeOffPinyin(of: folded)
        {
            readSounds(lexicon)
        }
    }

    /// The last text with its numerals as digits; `nil` if there is nothing to change.
    func numeralReading(widestGap: Int) -> SecondReading? { readNumerals(widestGap: widestGap) ? second : nil }

    private func readNumerals(widestGap: Int) -> Bool {
        // Most texts have a 一 somewhere: look for a run before anything is copied.
        var run = 0
        for unit in folded.scalars {
            run = FoldingTable.shared.isNumeral(unit) ? run + 1 : 0
            if run == Numerals.minimumRun { return second.takeOffNumerals(of: folded, widestGap: widestGap) }
        }
        return false
    }

    private func repeatsInnerUnit(_ units: Set<UInt32>) -> Bool {
        var previous: UInt32 = 0
        for unit in folded.scalars {
            if unit == previous && units.contains(unit) { return true }
            previous = unit
        }
        return false
    }

    private func read(_ reading: some Reading, _ lexicon: Lexicon, as disguise: Alert.Transform?) {
        matches.removeAll(keepingCapacity: true)
        lexicon.matcher.appendMatches(in: reading.haystack, to: &matches)
        for match in matches {
            let range = match.start..<match.end
            if disguise != nil && !range.contains(where: reading.isChanged) { continue }
            add(range, pattern: match.pattern, in: reading, as: disguise, strict: lexicon.isStrict(match.pattern))
        }
    }

    private func readSounds(_ lexicon: Lexicon) {
        matches.removeAll(keepingCapacity: true)
        lexicon.sounds.appendMatches(in: second.haystack, to: &matches)
        for match in matches where (match.start..<match.end).contains(where: second.isChanged) {
            for pattern in lexicon.soundPatterns[match.pattern] {
                let units = lexicon.patterns[pattern]
                // Characters that are no pinyin must be the word's own.
                let isWord = (match.start..<match.end).allSatisfy { index in
                    second.isChanged(at: index)
                        || folded[second.baseRange(of: index).lowerBound] == units[index - match.start]
                }
                if isWord {
                    add(match.start..<match.end, pattern: pattern, in: second, as: .pinyin, strict: false)
                }
            }
        }
    }

    private func add(
        _ range: Range<Int>, pattern: Int, in reading: some Reading, as disguise: Alert.Transform?, strict: Bool
    ) {
        let last = range.upperBound - 1
        var widestGap = 0
        for index in range.dropFirst() { widestGap = max(widestGap, reading.gap(before: index)) }
        let haystack = reading.haystack
        let before = range.lowerBound > 0 && reading.gap(before: range.lowerBound) == 0
        let after = range.upperBound < haystack.count && reading.gap(before: range.upperBound) == 0
        let occurrence = Occurrence(
            pattern: pattern, start: reading.firstOffset(of: range.lowerBound), end: reading.lastOffset(of: last) + 1,
            length: range.count, widestGap: widestGap, before: before ? haystack[range.lowerBound - 1] : 0,
            after: after ? haystack[range.upperBound] : 0, disguise: disguise)
        if TokenBoundary(reading: reading, range: range, isGapped: widestGap > 0, isStrict: strict).isInsideToken {
            if collectsRejected { rejected.append((occurrence, .insideToken)) }
        } else {
            occurrences.append(occurrence)
        }
    }
}

extension Lexicon {
    /// Initials are taken for a word only where they stand quite alone: `wq-450` is a model.
    fileprivate func isStrict(_ pattern: Int) -> Bool { words[pattern].contains { $0.variant == .initials } }
}

extension FoldingTable {
    /// A digit, or what may be read as one.
    @inline(__always)
    fileprivate func isNumeral(_ folded: UInt32) -> Bool {
        entry(of: folded).word & (Entry.numeralCue | Entry.digitCue) != 0
    }
}
