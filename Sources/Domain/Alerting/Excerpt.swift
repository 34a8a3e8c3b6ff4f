package import Contracts

/// The words around a hit, short enough for a push and without full numbers.
package struct Excerpt: Sendable, Equatable {
    package struct Piece: Sendable, Equatable {
        package var text: String
        package var isHit: Bool

        package init(_ text: String, isHit: Bool) {
            self.text = text
            self.isHit = isHit
        }
    }

    package var pieces: [Piece]

    package init(pieces: [Piece]) { self.pieces = pieces }

    /// As one string, hits not marked.
    package var plain: String { pieces.map(\.text).joined() }

    /// At most `limit` characters of `text` around the first hit, cut marks included.
    ///
    /// Spans come from another process: what lies outside the text is cut off or ignored.
    package init(text: String?, spans: [Alert.Span], limit: Int = 100) {
        guard let text, !text.isEmpty else {
            self.pieces = []
            return
        }
        let shown = Self.shown(text)
        let marks = Self.hitMarks(of: shown, spans: spans)
        let window = Self.window(marks: marks, limit: limit)
        var pieces: [Piece] = []
        if window.lowerBound > 0 { pieces.append(Piece("…", isHit: false)) }
        for index in window {
            if let last = pieces.indices.last, pieces[last].isHit == marks[index] {
                pieces[last].text.append(shown[index])
            } else {
                pieces.append(Piece(String(shown[index]), isHit: marks[index]))
            }
        }
        if window.upperBound < shown.count {
            if let last = pieces.indices.last, !pieces[last].isHit {
                pieces[last].text.append("…")
            } else {
                pieces.append(Piece("…", isHit: false))
            }
        }
        self.pieces = pieces
    }

    /// The whole text in pieces, numbers unmasked: for the page behind the signed link.
    package static func whole(text: String, spans: [Alert.Span]) -> Excerpt {
        let characters = Array(text)
        let marks = hitMarks(of: characters, spans: spans)
        var pieces: [Piece] = []
        for (character, mark) in zip(characters, marks) {
            if let last = pieces.indices.last, pieces[last].isHit == mark {
                pieces[last].text.append(character)
            } else {
                pieces.append(Piece(String(character), isHit: mark))
            }
        }
        return Excerpt(pieces: pieces)
    }

    /// Numbers masked scalar for scalar, so spans stay true.
    private static func shown(_ text: String) -> [Character] {
        Array(Masking.digits(in: text))
    }

    /// For each character: does a span touch it?
    private static func hitMarks(of characters: [Character], spans: [Alert.Span]) -> [Bool] {
        var marks = Array(repeating: false, count: characters.count)
        let ordered = spans.filter { $0.start < $0.end && $0.end > 0 }.sorted { $0.start < $1.start }
        guard !ordered.isEmpty else { return marks }
        // Spans may overlap: merge them, then walk text and spans side by side.
        var merged: [Range<Int>] = []
        for span in ordered {
            if let last = merged.last, span.start <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, span.end)
            } else {
                merged.append(span.start..<span.end)
            }
        }
        var offset = 0
        var current = 0
        for (index, character) in characters.enumerated() {
            let end = offset + character.unicodeScalars.count
            while current < merged.count, merged[current].upperBound <= offset { current += 1 }
            if current < merged.count, merged[current].lowerBound < end { marks[index] = true }
            offset = end
        }
        return marks
    }

    /// Room is shared before and after the first hit; what one side does not need goes to the other. Two characters are
    /// kept for the cut marks.
    private static func window(marks: [Bool], limit: Int) -> Range<Int> {
        guard marks.count > limit else { return 0..<marks.count }
        let room = max(limit - 2, 1)
        let start = marks.firstIndex(of: true) ?? 0
        let end = marks[start...].firstIndex(of: false) ?? marks.count
        let hit = min(end - start, room)
        let before = (room - hit) / 2
        let lower = max(0, min(start - before, marks.count - room))
        return lower..<min(marks.count, lower + room)
    }
}
