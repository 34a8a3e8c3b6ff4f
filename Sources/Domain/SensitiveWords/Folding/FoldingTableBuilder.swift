/// Decodes text of the form of ``FoldingData``.
struct FoldingTableBuilder {
    private typealias Entry = FoldingTable.Entry

    // Two levels: a page number for each 256 scalars, then one word per scalar.
    private(set) var pageNumbers = [UInt16](repeating: 0, count: 0x2000)
    private(set) var words = [UInt32](repeating: 0, count: 256)
    private(set) var expansions: [UInt32] = []

    mutating func decode(kinds: String) {
        var reader = FoldingDataReader(kinds)
        var position: UInt32 = 0
        while let step = reader.number() {
            position += step
            let length = reader.skip("+") ? reader.number() ?? 0 : 0
            let kind = reader.skip("=") ? reader.letter().map(Self.kind(named:)) ?? .other : .other
            for scalar in position..<position + length { setWord(of: scalar, to: Self.bits(of: kind)) }
            position += length
        }
    }

    mutating func decode(foldings: String) {
        let plain = self
        var reader = FoldingDataReader(foldings)
        var source: UInt32 = 0
        while let step = reader.number() {
            source += step
            let more = reader.skip("+") ? reader.number() ?? 0 : 0
            var targets: [UInt32] = []
            while reader.skip("=") || reader.skip(".") {
                if let target = reader.number() { targets.append(target) }
            }
            if let target = targets.first, targets.count == 1 {
                for index in 0...more {
                    let kind = Entry(word: plain.word(of: target + index)).kind
                    setWord(of: source + index, to: (source + index) ^ (target + index) | Self.bits(of: kind))
                }
            } else {
                setWord(of: source, to: Entry.special | Entry.expansion | UInt32(expansions.count))
                expansions += [UInt32(targets.count)] + targets
            }
        }
    }

    /// Marks what makes a text worth a second look.
    mutating func addCues() {
        for scalar in CompositionsData.cues.unicodeScalars { add(Entry.componentCue, to: scalar.value) }
        for scalar in Numerals.digits.keys { add(Entry.numeralCue, to: scalar) }
        for sign in SignWords.all.keys { add(Entry.signCue, to: sign) }
        let pages = pageNumbers.indices.filter { pageNumbers[$0] != 0 }
        for scalar in pages.map({ UInt32($0) << 8 }).flatMap({ $0..<$0 + 256 }) {
            let word = word(of: scalar)
            guard word != 0, word & Entry.expansion == 0 else { continue }
            let target = scalar ^ word & Entry.scalarMask
            // Whatever becomes the sign or numeral is one.
            if target != scalar {
                add(self.word(of: target) & (Entry.componentCue | Entry.numeralCue | Entry.signCue), to: scalar)
            }
            if 0x61...0x7a ~= target { add(Entry.letterCue, to: scalar) }
            if 0x30...0x39 ~= target { add(Entry.digitCue, to: scalar) }
        }
    }

    private static func bits(of kind: FoldingTable.Kind) -> UInt32 {
        UInt32(kind.rawValue) << Entry.kindShift | (kind.separates ? Entry.special | Entry.skipped : 0)
            | (kind == .dropped ? Entry.special : 0)
    }

    private func word(of scalar: UInt32) -> UInt32 {
        words[Int(pageNumbers[Int(scalar >> 8)]) << 8 | Int(scalar & 0xff)]
    }

    private mutating func add(_ cue: UInt32, to scalar: UInt32) {
        if cue != 0 { setWord(of: scalar, to: word(of: scalar) | cue) }
    }

    private mutating func setWord(of scalar: UInt32, to word: UInt32) {
        let high = Int(scalar >> 8)
        if pageNumbers[high] == 0 {
            pageNumbers[high] = UInt16(words.count >> 8)
            words.append(contentsOf: repeatElement(0, count: 256))
        }
        words[Int(pageNumbers[high]) << 8 | Int(scalar & 0xff)] = word
    }

    private static func kind(named letter: UInt8) -> FoldingTable.Kind {
        switch letter {
        case UInt8(ascii: "d"): .dropped
        case UInt8(ascii: "w"): .space
        case UInt8(ascii: "p"): .punctuation
        case UInt8(ascii: "s"): .symbol
        case UInt8(ascii: "j"): .joiner
        case UInt8(ascii: "a"): .letter
        case UInt8(ascii: "n"): .digit
        default: .other
        }
    }
}
