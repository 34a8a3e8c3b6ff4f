// Each function replaces the reading by the base with one kind of disguise taken off. It answers whether there is any:
// if not, the reading is of no use.

extension SecondReading {
    /// Runs of the same letter or character become one.
    func takeOffRepetitions(of text: FoldedText) -> Bool {
        clear()
        var any = false
        var start = 0
        while start < text.count {
            var end = start + 1
            if !(0x30...0x39 ~= text[start]) {
                while end < text.count && text[end] == text[start] { end += 1 }
            }
            any = any || end - start > 1
            append(text[start], from: start, through: end - 1, isChanged: end - start > 1)
            start = end
        }
        if any { finish() }
        return any
    }

    /// Components side by side become the character they make up: 纟隹 is 维.
    ///
    /// Two characters that are an everyday word (女子, 日月) stay what they are.
    func takeOffComponents(of text: FoldedText, widestGap: Int) -> Bool {
        clear()
        let compositions = Compositions.shared
        var any = false
        var start = 0
        next: while start < text.count {
            for length in [3, 2] where start + length <= text.count {
                let range = start..<start + length
                guard !range.dropFirst().contains(where: { text.gap(before: $0) > widestGap }),
                    let character = compositions.character(range.map { compositions.fullForm(text[$0]) }[...]),
                    length == 3 || !EverydayWords.shared.contains(text[start], text[start + 1])
                else { continue }
                append(character, from: start, through: start + length - 1, isChanged: true)
                any = true
                start += length
                continue next
            }
            append(text[start], from: start, through: start, isChanged: false)
            start += 1
        }
        if any { finish() }
        return any
    }

    /// Tokens of Latin letters become syllables, if they are pinyin as a whole, and characters their usual syllable.
    func takeOffPinyin(of text: FoldedText) -> Bool {
        clear()
        let syllables = Syllables.shared
        var any = false
        var start = 0
        while start < text.count {
            guard Self.isLetter(text[start]) else {
                append(syllables.first(of: text[start]) ?? text[start], from: start, through: start, isChanged: false)
                start += 1
                continue
            }
            var end = start + 1
            while end < text.count && text.isJoined(at: end) && Self.isLetter(text[end]) { end += 1 }
            let isWhole =
                !(start > 0 && text.isJoined(at: start) && Self.isDigit(text[start - 1]))
                && !(end < text.count && text.isJoined(at: end) && Self.isDigit(text[end]))
            if isWhole, let segments = syllables.segments(of: text.scalars[start..<end].map { $0 }[...]) {
                for (unit, length) in segments {
                    append(unit, from: start, through: start + length - 1, isChanged: true)
                    start += length
                }
                any = true
            } else {
                for index in start..<end { append(text[index], from: index, through: index, isChanged: false) }
                start = end
            }
        }
        if any { finish() }
        return any
    }

    /// Runs of numerals, with digits among them or not, become digits.
    func takeOffNumerals(of text: FoldedText, widestGap: Int) -> Bool {
        clear()
        var any = false
        var start = 0
        while start < text.count {
            var end = start
            while end < text.count && Numerals.digit(text[end]) != nil
                && (end == start || text.gap(before: end) <= widestGap)
            {
                end += 1
            }
            let run = Self.withoutPartsOfWords(start..<end, in: text)
            let isNumber =
                run.count >= Numerals.minimumRun && run.contains { !Self.isLetter(text[$0]) }
                && run.contains { !Self.isDigit(text[$0]) }
            any = any || isNumber
            for index in start..<end {
                let digit = isNumber && run.contains(index) ? Numerals.digit(text[index]) : nil
                append(
                    digit ?? text[index], from: index, through: index,
                    isChanged: digit.map { $0 != text[index] } ?? false)
            }
            if start == end {
                append(text[start], from: start, through: start, isChanged: false)
                end += 1
            }
            start = end
        }
        if any { finish() }
        return any
    }

    /// Without letters at either end that go on outside: the `ol` of `cool138…`.
    private static func withoutPartsOfWords(_ run: Range<Int>, in text: FoldedText) -> Range<Int> {
        var run = run
        if let first = run.first, first > 0, text.isJoined(at: first), isLetter(text[first - 1]) {
            while let index = run.first, isLetter(text[index]) { run = run.dropFirst() }
        }
        if let last = run.last, last + 1 < text.count, text.isJoined(at: last + 1), isLetter(text[last + 1]) {
            while let index = run.last, isLetter(text[index]) { run = run.dropLast() }
        }
        return run
    }

    private static func isLetter(_ unit: UInt32) -> Bool { 0x61...0x7a ~= unit }
    private static func isDigit(_ unit: UInt32) -> Bool { 0x30...0x39 ~= unit }
}
