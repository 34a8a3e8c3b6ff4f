import Contracts

/// The disguises of one word that are patterns of their own, and whether the others are worth looking for.
struct WordDisguises {
    /// Words of a set up to this number get homophones and look-alikes unasked: each has dozens.
    static let unaskedWords = 1_000
    /// Ways to read a word that are kept.
    private static let maximumReadings = 8

    private let word: [UInt32]
    private let choice: RulesConfiguration.Disguises
    private let isSmallSet: Bool
    private let isHan: Bool

    /// - Parameters:
    ///   - word: Folded.
    ///   - isSmallSet: The set has at most ``unaskedWords`` words.
    init(of word: [UInt32], choice: RulesConfiguration.Disguises, isSmallSet: Bool) {
        self.word = word
        self.choice = choice
        self.isSmallSet = isSmallSet
        isHan = word.allSatisfy { Syllables.shared.first(of: $0) != nil }
    }

    var allowsComponents: Bool { choice.components ?? (word.count >= 2) }

    var allowsNumerals: Bool {
        word.allSatisfy { 0x30...0x39 ~= $0 } && (choice.numerals ?? (word.count >= Numerals.minimumRun))
    }

    private var allowsPinyin: Bool {
        if let chosen = choice.pinyin { return chosen }
        guard word.count >= 2, isHan else { return false }
        return word.count > 2 || !EverydayWords.shared.soundsLikeAnother(word[0], word[1])
    }

    /// The word by its sound, in syllable units: once for each way to read it.
    var pinyin: [[UInt32]] { allowsPinyin && word.count >= 2 ? readings : [] }

    /// The first letters of its syllables.
    var initials: [[UInt32]] {
        guard choice.initials == true, isHan, word.count >= 2 else { return [] }
        let letters = readings.map { reading in
            reading.map { Syllables.shared.spellings[Int($0 - Syllables.firstUnit)][0] }
        }
        return letters.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// The word with one character replaced by another of the same sound.
    var homophones: [[UInt32]] {
        guard choice.homophones ?? isSmallSet else { return [] }
        return replacing { character in
            Syllables.shared.all(of: character).flatMap(Syllables.shared.characters(of:))
        }
    }

    /// The word with one character replaced by another of similar shape.
    var lookalikes: [[UInt32]] {
        guard choice.lookalikes ?? isSmallSet else { return [] }
        return replacing { Compositions.shared.lookalikes(of: $0).sorted() }
    }

    private var readings: [[UInt32]] {
        var readings: [[UInt32]] = [[]]
        for character in word {
            let sounds = Syllables.shared.all(of: character)
            let all = sounds.isEmpty ? [character] : sounds
            // The usual way first: when there are too many ways, the others are left out.
            readings = all.flatMap { sound in readings.map { $0 + [sound] } }
            if readings.count > Self.maximumReadings { readings.removeLast(readings.count - Self.maximumReadings) }
        }
        return readings
    }

    /// Leaves out what may stand in an innocent text: everyday words, and characters that are words by themselves.
    private func replacing(_ substitutes: (UInt32) -> [UInt32]) -> [[UInt32]] {
        guard word.count >= 2, isHan else { return [] }
        let everyday = EverydayWords.shared
        var variants: [[UInt32]] = []
        for (index, character) in word.enumerated() {
            for substitute in substitutes(character)
            where substitute != character && !everyday.standsAlone(substitute) {
                var variant = word
                variant[index] = substitute
                if word.count > 2 || !everyday.contains(variant[0], variant[1]) { variants.append(variant) }
            }
        }
        return variants
    }
}
