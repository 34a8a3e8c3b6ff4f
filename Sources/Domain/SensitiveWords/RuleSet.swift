package import Contracts
import PatternMatching

/// The rules of one corp, compiled: an immutable snapshot that is swapped as a whole.
package struct RuleSet: Sendable {
    package let corpID: String
    /// Names this set in hits and alerts.
    package let version: String

    let rules: [CompiledRule]
    let matcher: PatternMatcher
    /// For each pattern of the matcher, what it stands for.
    let words: [[Word]]
    /// Separators that occur in some word, and therefore count as characters.
    let symbols: Set<UInt32>
    /// For each pattern, whether it has such a separator in it.
    let containsSymbol: [Bool]

    /// A listed word, as part of one rule.
    struct Word: Sendable {
        var rule: Int
        /// As written in the rule.
        var text: String
        /// Innocent: takes away the matches inside it.
        var isAllowed: Bool
    }

    /// - Parameter version: The version of the configuration record, or anything that tells sets apart.
    /// - Throws: ``InvalidRules`` with all faults at once.
    package init(_ configuration: RulesConfiguration, version: String) throws(InvalidRules) {
        let faults = RuleSet.validate(configuration)
        guard faults.isEmpty else { throw InvalidRules(faults: faults) }

        let enabled = configuration.rules.filter(\.enabled)
        var patterns: [[UInt32]] = []
        var words: [[Word]] = []
        var indices: [[UInt32]: Int] = [:]
        var folded = FoldedText()
        func add(_ text: String, rule: Int, isAllowed: Bool) {
            folded.fold(text, keeping: .allKept)
            let word = Word(rule: rule, text: text, isAllowed: isAllowed)
            if let index = indices[folded.scalars] {
                // Variants that fold to the same pattern are one; the first spelling names it.
                let known = words[index].contains { $0.rule == rule && $0.isAllowed == isAllowed }
                if !known { words[index].append(word) }
            } else {
                indices[folded.scalars] = patterns.count
                patterns.append(folded.scalars)
                words.append([word])
            }
        }
        for (index, rule) in enabled.enumerated() {
            for word in rule.words { add(word, rule: index, isAllowed: false) }
            for word in rule.allow { add(word, rule: index, isAllowed: true) }
        }
        corpID = configuration.corpID
        self.version = version
        rules = enabled.map { CompiledRule($0, version: version) }
        matcher = PatternMatcher(patterns: patterns)
        self.words = words
        symbols = Set(patterns.joined().filter(Self.isSeparator))
        containsSymbol = patterns.map { $0.contains(where: Self.isSeparator) }
    }

    private static func isSeparator(_ scalar: UInt32) -> Bool { FoldingTable.shared.kind(ofFolded: scalar).separates }
}
