/// A pattern found in a text, in Unicode scalars of the original.
struct Occurrence: Sendable, Hashable {
    /// Index of the pattern in the rule set.
    var pattern: Int
    var start: Int
    var end: Int
    /// Characters of the pattern.
    var length: Int
    /// Separators stand between its characters.
    var isGapped: Bool
}

/// Why a place that looks like a word is none.
package enum Innocence: String, Sendable, Hashable, CaseIterable {
    /// More than three separators between two of its characters.
    case tooFarApart = "too_far_apart"
    /// Part of a longer Latin word or number.
    case insideToken = "inside_token"
    /// Part of an allowed word.
    case insideAllowedWord = "inside_allowed_word"
    /// Two characters with a separator between them, one of which belongs to an allowed word instead.
    case bridgesWords = "bridges_words"
}
