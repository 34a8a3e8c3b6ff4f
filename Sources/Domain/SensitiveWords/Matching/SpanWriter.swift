import Contracts

/// Turns matches into the spans that readers see.
struct SpanWriter {
    private let text: String
    /// Made when the first span is asked for.
    private lazy var scalars = Array(text.unicodeScalars)

    init(text: String) { self.text = text }

    /// The span takes in the combining marks and variation selectors that belong to its last character, so that cutting
    /// the text at its ends does not tear a character apart.
    mutating func span(of match: RuleVerdict.Match) -> Alert.Span {
        let end = wholeCharacters(from: match.start, to: match.end)
        let transforms: [Alert.Transform] =
            switch match.source {
            case .word(let occurrence, let variant):
                TransformTrace(scalars[match.start..<end], word: match.word)
                    .transforms(disguise: occurrence.disguise, variant: variant)
            case .pattern(let finding): finding.hasNumerals ? [.numerals] : []
            }
        return Alert.Span(
            start: match.start, end: end, pattern: match.word, transforms: transforms.isEmpty ? nil : transforms)
    }

    mutating func span(of occurrence: Occurrence, word: String) -> Alert.Span {
        Alert.Span(
            start: occurrence.start, end: wholeCharacters(from: occurrence.start, to: occurrence.end), pattern: word)
    }

    private mutating func wholeCharacters(from start: Int, to end: Int) -> Int {
        var end = end
        while end < scalars.count, scalars[end].properties.isGraphemeExtend { end += 1 }
        return end
    }
}
