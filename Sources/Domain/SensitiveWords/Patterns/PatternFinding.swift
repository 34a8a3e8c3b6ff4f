import Contracts

/// A pattern of a rule found in a text, in Unicode scalars of the original.
struct PatternFinding: Sendable, Hashable {
    /// Index into the patterns of the set.
    var pattern: Int
    var start: Int
    var end: Int
    /// The number was written with numerals, or letters that look like digits.
    var hasNumerals = false
}

extension RulesConfiguration.Pattern {
    /// As hits name it.
    var title: String {
        switch self {
        case .named(let kind): kind.rawValue
        case .expression(let expression): expression
        }
    }
}
