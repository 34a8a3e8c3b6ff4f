import Contracts

/// A pattern found in a text, in Unicode scalars of the original.
struct Occurrence: Sendable, Hashable {
    /// Index of the pattern in the rule set.
    var pattern: Int
    var start: Int
    var end: Int
    /// Characters of the pattern.
    var length: Int
    /// The most separators between two of its characters.
    var widestGap: Int
    /// A clause ends between two of its characters.
    var bridgesClauses = false
    /// Characters right before and after it, without any separator between; 0 if there are none.
    var before: UInt32 = 0
    var after: UInt32 = 0
    /// The disguise that was taken off to read it; `nil` for plain folding.
    var disguise: Alert.Transform?

    /// Separators stand between its characters.
    var isGapped: Bool { widestGap > 0 }
}

/// Why a place that looks like a word is none.
package enum Innocence: String, Sendable, Hashable, CaseIterable {
    /// More separators between two of its characters than the rule allows.
    case tooFarApart = "too_far_apart"
    /// Part of a longer Latin word or number.
    case insideToken = "inside_token"
    /// Part of an allowed word.
    case insideAllowedWord = "inside_allowed_word"
    /// Two characters with a separator between them, one of which belongs to an allowed word instead, or, if the
    /// separator ends a clause, to an everyday word.
    case bridgesWords = "bridges_words"
    /// Its characters belong to everyday words on both sides: 前进 and 后退 in 前进后退. A disguise needs only one.
    case cutsWords = "cuts_words"
    /// Another condition of the rule does not hold.
    case logic
}
