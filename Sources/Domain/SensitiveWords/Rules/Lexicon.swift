import Contracts
import PatternMatching

/// The words of all rules of a set, ready to be found.
struct Lexicon: Sendable {
    let matcher: PatternMatcher
    /// For each pattern, what it stands for.
    let words: GroupedArray<RuleWord>
    /// For each pattern, its units.
    let patterns: GroupedArray<UInt32>
    /// Words by their sound; its patterns are indices into ``soundPatterns``.
    let sounds: PatternMatcher
    /// For each pattern of ``sounds``, the patterns that sound so.
    let soundPatterns: GroupedArray<Int>
    /// Separators that occur in some word and stand for none.
    let signs: Set<UInt32>
    /// Where a repetition may hide a word.
    let repetitions: RepetitionFilter
    let hasNumbers: Bool
    let hasComponents: Bool
    /// The widest gap that any rule allows.
    let widestGap: Int

    init(_ rules: [RulesConfiguration.Rule]) {
        // So that no message waits for the tables to be read.
        _ = (Syllables.shared, Compositions.shared, EverydayWords.shared)
        var builder = LexiconBuilder(isSmallSet: rules.reduce(0) { $0 + $1.words.count } <= WordDisguises.unaskedWords)
        for (index, rule) in rules.enumerated() { builder.add(rule, index: index) }
        builder.finish()
        matcher = PatternMatcher(patterns: builder.patterns)
        words = GroupedArray(builder.words)
        patterns = GroupedArray(builder.patterns)
        sounds = PatternMatcher(patterns: builder.soundPatterns)
        soundPatterns = GroupedArray(builder.wordsOfSound)
        signs = builder.signs
        repetitions = RepetitionFilter(words: builder.listedWords)
        hasNumbers = builder.hasNumbers
        hasComponents = builder.hasComponents
        widestGap = rules.map(\.gap).max() ?? 0
    }

    /// Bytes of the tables that a text is matched with.
    var byteCount: Int { matcher.byteCount + sounds.byteCount }
}

/// Collects the patterns of a ``Lexicon``.
private struct LexiconBuilder {
    private(set) var patterns: [[UInt32]] = []
    private(set) var words: [[RuleWord]] = []
    private(set) var soundPatterns: [[UInt32]] = []
    private(set) var wordsOfSound: [[Int]] = []
    private(set) var signs: Set<UInt32> = []
    /// Without allowed words and variants.
    private(set) var listedWords: [[UInt32]] = []
    private(set) var hasNumbers = false
    private(set) var hasComponents = false

    private let isSmallSet: Bool
    private var indices: [[UInt32]: Int] = [:]
    private var soundIndices: [[UInt32]: Int] = [:]
    private let folded = FoldedText()
    /// Variants wait until all words are known: a listed word is never taken for another's disguise.
    private var variants: [(pattern: [UInt32], word: RuleWord)] = []

    init(isSmallSet: Bool) { self.isSmallSet = isSmallSet }

    mutating func add(_ rule: RulesConfiguration.Rule, index: Int) {
        for word in rule.words {
            add(word, rule: index, role: .word, choice: rule.wordDisguises[word] ?? rule.disguises)
        }
        for word in rule.allow { add(word, rule: index, role: .allowed, choice: nil) }
        for (list, words) in (rule.logic?.all ?? []).enumerated() {
            for word in words { add(word, rule: index, role: .required(list), choice: rule.disguises) }
        }
        for word in rule.logic?.none ?? [] { add(word, rule: index, role: .excluded, choice: rule.disguises) }
    }

    mutating func finish() {
        let listed = patterns.count
        for (pattern, word) in variants {
            if let known = indices[pattern], known < listed { continue }
            insert(pattern, word)
        }
        variants = []
    }

    private mutating func add(
        _ text: String, rule: Int, role: RuleWord.Role, choice: RulesConfiguration.Disguises?
    ) {
        folded.fold(text, signs: .kept)
        let units = Array(folded.scalars)
        var word = RuleWord(rule: rule, role: role, text: text)
        if let choice {
            let disguises = WordDisguises(of: units, choice: choice, isSmallSet: isSmallSet)
            if disguises.allowsComponents { word.disguises.insert(.components) }
            if disguises.allowsNumerals { word.disguises.insert(.numerals) }
            let sounds = disguises.pinyin
            if !sounds.isEmpty { word.disguises.insert(.pinyin) }
            hasComponents = hasComponents || word.disguises.contains(.components)
            hasNumbers = hasNumbers || word.disguises.contains(.numerals)
            let pattern = insert(units, word)
            for sound in sounds { insert(sound: sound, of: pattern) }
            add(disguises.initials, as: .initials, of: word)
            add(disguises.homophones, as: .homophone, of: word)
            add(disguises.lookalikes, as: .lookalike, of: word)
        } else {
            insert(units, word)
        }
        let table = FoldingTable.shared
        for unit in units where table.kind(ofFolded: unit).separates { signs.insert(unit) }
        if role != .allowed { listedWords.append(units) }
    }

    private mutating func add(_ patterns: [[UInt32]], as variant: Alert.Transform, of word: RuleWord) {
        var word = word
        word.disguises = []
        word.variant = variant
        for pattern in patterns { variants.append((pattern, word)) }
    }

    @discardableResult
    private mutating func insert(_ pattern: [UInt32], _ word: RuleWord) -> Int {
        if let index = indices[pattern] {
            // Spellings that fold to the same pattern are one word; the first one names it.
            let known = words[index].firstIndex { $0.rule == word.rule && $0.role == word.role }
            if let known {
                words[index][known].disguises.formUnion(word.disguises)
            } else {
                words[index].append(word)
            }
            return index
        }
        indices[pattern] = patterns.count
        patterns.append(pattern)
        words.append([word])
        return patterns.count - 1
    }

    private mutating func insert(sound: [UInt32], of pattern: Int) {
        if let index = soundIndices[sound] {
            if !wordsOfSound[index].contains(pattern) { wordsOfSound[index].append(pattern) }
        } else {
            soundIndices[sound] = soundPatterns.count
            soundPatterns.append(sound)
            wordsOfSound.append([pattern])
        }
    }
}
