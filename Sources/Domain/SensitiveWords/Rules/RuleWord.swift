import Contracts

/// A listed word, as part of one rule.
struct RuleWord: Sendable {
    /// What finding it means for the rule.
    enum Role: Sendable, Hashable {
        case word
        /// Innocent: takes away the matches inside it.
        case allowed
        /// In this list of `logic.all`.
        case required(Int)
        /// In `logic.none`.
        case excluded
    }

    /// Disguises under which it counts.
    struct Disguises: OptionSet, Sendable {
        var rawValue: UInt8
        static let components = Disguises(rawValue: 1)
        static let pinyin = Disguises(rawValue: 2)
        static let numerals = Disguises(rawValue: 4)
    }

    var rule: Int
    var role: Role
    /// As written in the rule.
    var text: String
    var disguises: Disguises = []
    /// The pattern is not the word, but this disguise of it.
    var variant: Alert.Transform?

    /// The word counts when it was read by taking off `disguise`.
    func allows(_ disguise: Alert.Transform?) -> Bool {
        switch disguise {
        case .components: disguises.contains(.components)
        case .pinyin: disguises.contains(.pinyin)
        case .numerals: disguises.contains(.numerals)
        default: true
        }
    }
}

extension RuleWord {
    /// A rule can hit because of it.
    var canHit: Bool {
        switch role {
        case .word, .required: true
        case .allowed, .excluded: false
        }
    }
}
