import PatternMatching

/// Tells whether a word may come to light where a repeated character is taken for one.
///
/// At its ends a repetition hides no word (维维权 has 维权 in it), except a Latin one: `ssb` is another token than `sb`.
struct RepetitionFilter: Sendable {
    /// Stands for whatever is before and after a Latin word.
    private static let edge: UInt32 = 0
    private let triples: BitFilter

    init(words: [[UInt32]]) {
        var triples: [UInt32] = []
        for word in words {
            for index in word.indices {
                let isInner = index > 0 && index + 1 < word.count
                guard isInner || Self.isLetter(word[index]) else { continue }
                triples.append(
                    Self.hash(
                        index > 0 ? word[index - 1] : Self.edge, word[index],
                        index + 1 < word.count ? word[index + 1] : Self.edge))
            }
        }
        self.triples = BitFilter(triples)
    }

    /// Some repetition in the text may hide a word.
    func mayHideWord(in text: Reading) -> Bool {
        let units = text.units
        let filter = triples.reader
        var index = 1
        while index < text.count {
            guard units[index] == units[index - 1] else {
                index += 1
                continue
            }
            let unit = units[index]
            let before = index > 1 ? units[index - 2] : Self.edge
            while index < text.count && units[index] == unit { index += 1 }
            let after = index < text.count ? units[index] : Self.edge
            if filter.bit(Self.hash(before, unit, after)) != 0 { return true }
            if Self.isLetter(unit)
                && (filter.bit(Self.hash(Self.edge, unit, after)) | filter.bit(Self.hash(before, unit, Self.edge))) != 0
            {
                return true
            }
        }
        return false
    }

    private static func hash(_ before: UInt32, _ unit: UInt32, _ after: UInt32) -> UInt32 {
        HeadHash.three(HeadHash.two(before, unit), after)
    }

    private static func isLetter(_ unit: UInt32) -> Bool { FoldingTable.shared.kind(ofFolded: unit) == .letter }
}
