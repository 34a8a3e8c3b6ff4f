import Contracts
import PatternMatching

/// Finds the patterns of a lexicon in one text after the other.
///
/// A text is read once without any separators. Only where it shows a cue is it read again with a disguise taken off:
/// signs that stand for words, repetitions, components of characters, pinyin, numerals. What a second reading finds
/// counts only if it needed that reading. Distances between the characters and the ends of Latin words and numbers are
/// checked here. One task at a time, hence not checked for exclusive access.
final class OccurrenceFinder {
    /// What was found in the last text.
    @exclusivity(unchecked) private(set) var occurrences: [Occurrence] = []
    /// What only looked like it, when asked for.
    private(set) var rejected: [(occurrence: Occurrence, because: Innocence)] = []
    /// The last text without separators.
    let folded = FoldedText()
    private let withSigns = FoldedText()
    private let second: SecondReading
    @exclusivity(unchecked) private var matches: [PatternMatcher.Match] = []
    private let collectsRejected: Bool
    private let table = FoldingTable.shared

    init(collectsRejected: Bool = false) {
        self.collectsRejected = collectsRejected
        second = SecondReading(of: folded)
    }

    func find(in text: String, using lexicon: Lexicon) {
        occurrences.removeAll(keepingCapacity: true)
        rejected.removeAll(keepingCapacity: true)
        folded.fold(text, signs: .skipped, listed: lexicon.signs)
        read(folded.reading, lexicon, as: nil)
        if folded.cues & FoldingTable.Entry.signCue != 0 || folded.hasListedSign {
            withSigns.fold(text, signs: .read(lexicon.signs))
            read(withSigns.reading, lexicon, as: .emoji)
        }
        if folded.hasRepetition && lexicon.repetitions.mayHideWord(in: folded.reading)
            && second.takeOffRepetitions(of: folded.reading)
        {
            read(second.reading, lexicon, as: .repeated)
        }
        if lexicon.hasComponents && folded.cues & FoldingTable.Entry.componentCue != 0
            && second.takeOffComponents(of: folded.reading, widestGap: lexicon.widestGap)
        {
            read(second.reading, lexicon, as: .components)
        }
        if lexicon.hasNumbers && folded.cues & FoldingTable.Entry.numeralCue != 0
            && readNumerals(widestGap: lexicon.widestGap)
        {
            read(second.reading, lexicon, as: .numerals)
        }
        if !lexicon.soundPatterns.isEmpty && folded.cues & FoldingTable.Entry.letterCue != 0
            && second.takeOffPinyin(of: folded.reading)
        {
            readSounds(lexicon)
        }
    }

    /// The last text with its numerals as digits; `nil` if there is nothing to change.
    func numeralReading(widestGap: Int) -> Reading? {
        readNumerals(widestGap: widestGap) ? second.reading : nil
    }

    private func readNumerals(widestGap: Int) -> Bool {
        // Most texts have a 一 somewhere: look for a run before anything is copied.
        var run = 0
        for unit in folded.scalars {
            run = table.isNumeral(unit) ? run + 1 : 0
            if run == Numerals.minimumRun { return second.takeOffNumerals(of: folded.reading, widestGap: widestGap) }
        }
        return false
    }

    private func read(_ reading: Reading, _ lexicon: Lexicon, as disguise: Alert.Transform?) {
        matches.removeAll(keepingCapacity: true)
        lexicon.matcher.appendMatches(in: reading.haystack, to: &matches)
        for match in matches {
            let range = match.start..<match.end
            if disguise != nil && !reading.isChanged(in: range) { continue }
            add(range, pattern: match.pattern, in: reading, as: disguise, lexicon)
        }
    }

    private func readSounds(_ lexicon: Lexicon) {
        matches.removeAll(keepingCapacity: true)
        let reading = second.reading
        lexicon.sounds.appendMatches(in: reading.haystack, to: &matches)
        for match in matches where reading.isChanged(in: match.start..<match.end) {
            for pattern in lexicon.soundPatterns[match.pattern] {
                let units = lexicon.patterns[pattern]
                // Characters that are no pinyin must be the word's own.
                let isWord = zip(match.start..<match.end, units).allSatisfy { index, unit in
                    reading.isChanged(at: index) || folded.reading.units[second.source(of: index)] == unit
                }
                if isWord { add(match.start..<match.end, pattern: pattern, in: reading, as: .pinyin, lexicon) }
            }
        }
    }

    @inline(__always)
    private func add(
        _ range: Range<Int>, pattern: Int, in reading: Reading, as disguise: Alert.Transform?, _ lexicon: Lexicon
    ) {
        let start = range.lowerBound
        let end = range.upperBound
        var widestGap = 0
        var bridgesClauses = false
        for index in start + 1..<end {
            widestGap = max(widestGap, reading.gap(before: index))
            bridgesClauses = bridgesClauses || reading.endsClause(before: index)
        }
        let hasBefore = start > 0 && reading.gap(before: start) == 0
        let hasAfter = end < reading.count && reading.gap(before: end) == 0
        let occurrence = Occurrence(
            pattern: pattern, start: reading.firstOffset(of: start), end: reading.lastOffset(of: end - 1) + 1,
            length: end - start, widestGap: widestGap, bridgesClauses: bridgesClauses,
            before: hasBefore ? reading.units[start - 1] : 0,
            after: hasAfter ? reading.units[end] : 0, disguise: disguise)
        // Most words have no letter or digit at either end.
        if table.isOther(reading.units[start]) && table.isOther(reading.units[end - 1]) {
            occurrences.append(occurrence)
        } else if TokenBoundary(
            reading: reading, range: range, isGapped: widestGap > 0, isStrict: lexicon.isStrict(pattern)
        ).isInsideToken {
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

    /// Han and the like, which have no tokens around them. Syllables of pinyin are none.
    @inline(__always)
    fileprivate func isOther(_ folded: UInt32) -> Bool {
        folded < Syllables.firstUnit && kind(ofFolded: folded) == .other
    }
}
