package import Contracts

/// The rules of one corp, compiled: an immutable snapshot that is swapped as a whole.
package struct RuleSet: Sendable {
    package let corpID: String
    /// Names this set in hits and alerts.
    package let version: String

    let rules: [CompiledRule]
    let lexicon: Lexicon
    let patterns: PatternSet
    let hasActs: Bool

    /// - Parameter version: The version of the configuration record, or anything that tells sets apart.
    /// - Throws: ``InvalidRules`` with all faults at once.
    package init(_ configuration: RulesConfiguration, version: String) throws(InvalidRules) {
        let faults = RuleSet.validate(configuration)
        guard faults.isEmpty else { throw InvalidRules(faults: faults) }

        let enabled = configuration.rules.filter(\.enabled)
        corpID = configuration.corpID
        self.version = version
        lexicon = Lexicon(enabled)
        let patterns = PatternSet(enabled)
        self.patterns = patterns
        rules = enabled.enumerated().map { index, rule in
            CompiledRule(
                rule, version: version,
                patterns: Set(patterns.uses.lazy.filter { $0.rule == index }.map(\.pattern)))
        }
        hasActs = enabled.contains { !$0.acts.isEmpty }
    }

    /// Bytes of the tables that texts are matched with.
    package var byteCount: Int { lexicon.byteCount }
}
