/// Counts the occurrences of a rule set's words, without judging them: what finding alone costs.
package struct WordScanner {
    private let rules: RuleSet
    private let finder = OccurrenceFinder()

    package init(_ rules: RuleSet) { self.rules = rules }

    /// Occurrences that pass the widest distance and the token boundaries, disguised ones included.
    package mutating func count(in text: String) -> Int {
        finder.find(in: text, using: rules.lexicon)
        return finder.occurrences.count
    }
}
