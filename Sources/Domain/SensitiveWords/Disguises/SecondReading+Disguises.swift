// Each function replaces the reading by a text, its base, with one kind of disguise taken off, and answers whether there is any:
// if not, the reading is of no use.

extension SecondReading {
    /// Runs of the same letter or character become one.
    func takeOffRepetitions(of text: Reading) -> Bool {
        clear()
        var any = false
        var start = 0
        while start < text.count {
            var end = start + 1
            if !(0x30...0x39 ~= text.units[start]) {
                while end < text.count && text.units[end] == text.units[start] { end += 1 }
            }
            any = any || end - start > 1
            append(text.units[start], from: start, through: end - 1, isChanged: end - start > 1)
            start = end
        }
        if any { finish() }
        return any
    }

    /// Components side by side become the character they make up: 纟隹 is 维.
    ///
    /// Only where some component that hardly ever stands alone is part of such a character. Two characters that are an
    /// everyday word (女子, 日月) stay what they are.
    func takeOffComponents(of text: Reading, widestGap: Int) -> Bool {
        let table = FoldingTable.shared
        let hasComposition = (0..<text.count).contains { index in
            table.entry(of: text.units[index]).word & FoldingTable.Entry.componentCue != 0
                && (max(index - 2, 0)...index).contains { start in
                    Self.composition(at: start, in: text, widestGap: widestGap).map { start + $0.length > index }
                        ?? false
                }
        }
        guard hasComposition else { return false }
        clear()
        var start = 0
        while start < text.count {
            if let (character, length) = Self.composition(at: start, in: text, widestGap: widestGap) {
                append(character, from: start, through: start + length - 1, isChanged: true)
                start += length
            } else {
                append(text.units[start], from: start, through: start, isChanged: false)
                start += 1
            }
        }
        finish()
        return true
    }

    /// The character that the components at `start` make up, the one of most components.
    private static func composition(
        at start: Int, in text: Reading, widestGap: Int
    ) -> (character: UInt32, length: Int)? {
        guard start + 1 < text.count, text.gap(before: start + 1) <= widestGap,
            Compositions.shared.mayBegin(text.units[start], text.units[start + 1])
        else { return nil }
        if start + 2 < text.count, text.gap(before: start + 2) <= widestGap,
            let character = Compositions.shared.character(
                text.units[start], text.units[start + 1], text.units[start + 2])
        {
            return (character, 3)
        }
        guard let character = Compositions.shared.character(text.units[start], text.units[start + 1]),
            !EverydayWords.shared.contains(text.units[start], text.units[start + 1])
        else { return nil }
        return (character, 2)
    }

    /// Tokens of Latin letters become syllables, if they are pinyin as a whole, and characters their usual syllable.
    func takeOffPinyin(of text: Reading) -> Bool {
        let syllables = Syllables.shared
        clear()
        var copied = 0
        func copy(upTo end: Int) {
            for index in copied..<end {
                append(
                    syllables.first(of: text.units[index]) ?? text.units[index], from: index, through: index,
                    isChanged: false)
            }
            copied = end
        }
        var start = 0
        while start < text.count {
            guard Self.isLetter(text.units[start]) else {
                start += 1
                continue
            }
            var end = start + 1
            while end < text.count && text.isJoined(at: end) && Self.isLetter(text.units[end]) { end += 1 }
            let isWhole =
                !(start > 0 && text.isJoined(at: start) && Self.isDigit(text.units[start - 1]))
                && !(end < text.count && text.isJoined(at: end) && Self.isDigit(text.units[end]))
            let segments =
                isWhole
                ? syllables.segments(of: UnsafeBufferPointer(start: text.units + start, count: end - start)[...]) : []
            if !segments.isEmpty {
                copy(upTo: start)
                for (unit, length) in segments {
                    append(unit, from: copied, through: copied + length - 1, isChanged: true)
                    copied += length
                }
            }
            start = end
        }
        guard copied > 0 else { return false }
        copy(upTo: text.count)
        finish()
        return true
    }

    /// Runs of numerals, with digits among them or not, become digits.
    func takeOffNumerals(of text: Reading, widestGap: Int) -> Bool {
        clear()
        var any = false
        var start = 0
        while start < text.count {
            var end = start
            while end < text.count && Numerals.digit(text.units[end]) != nil
                && (end == start || text.gap(before: end) <= widestGap)
            {
                end += 1
            }
            let run = Self.withoutPartsOfWords(start..<end, in: text)
            let isNumber =
                run.count >= Numerals.minimumRun && run.contains { !Self.isLetter(text.units[$0]) }
                && run.contains { !Self.isDigit(text.units[$0]) }
            any = any || isNumber
            for index in start..<end {
                let digit = isNumber && run.contains(index) ? Numerals.digit(text.units[index]) : nil
                append(
                    digit ?? text.units[index], from: index, through: index,
                    isChanged: digit.map { $0 != text.units[index] } ?? false)
            }
            if start == end {
                append(text.units[start], from: start, through: start, isChanged: false)
                end += 1
            }
            start = end
        }
        if any { finish() }
        return any
    }

    /// Without letters at either end that go on outside: the `ol` of `cool138…`.
    private static func withoutPartsOfWords(_ run: Range<Int>, in text: Reading) -> Range<Int> {
        var run = run
        if let first = run.first, first > 0, text.isJoined(at: first), isLetter(text.units[first - 1]) {
            while let index = run.first, isLetter(text.units[index]) { run = run.dropFirst() }
        }
        if let last = run.last, last + 1 < text.count, text.isJoined(at: last + 1), isLetter(text.units[last + 1]) {
            while let index = run.last, isLetter(text.units[index]) { run = run.dropLast() }
        }
        return run
    }

    private static func isLetter(_ unit: UInt32) -> Bool { 0x61...0x7a ~= unit }
    private static func isDigit(_ unit: UInt32) -> Bool { 0x30...0x39 ~= unit }
}
