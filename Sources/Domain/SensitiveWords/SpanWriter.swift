import Contracts

/// Turns occurrences into the spans that readers see.
struct SpanWriter {
    private let text: String
    /// Made when the first span is asked for.
    private lazy var scalars = Array(text.unicodeScalars)

    init(text: String) { self.text = text }

    /// The span takes in the combining marks and variation selectors that belong to its last character, so that cutting
    /// the text at its ends does not tear a character apart.
    mutating func span(of occurrence: Occurrence, word: String) -> Alert.Span {
        var end = occurrence.end
        while end < scalars.count, belongsToCharacterBefore(scalars[end]) { end += 1 }
        return Alert.Span(start: occurrence.start, end: end, pattern: word)
    }

    private func belongsToCharacterBefore(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isGraphemeExtend
    }
}
