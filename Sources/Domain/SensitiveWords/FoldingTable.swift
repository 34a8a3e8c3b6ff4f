/// How single Unicode scalars are read when words are matched. Decoded once per process, in about a millisecond.
struct FoldingTable: Sendable {
    static let shared = FoldingTable(foldings: FoldingData.foldings, kinds: FoldingData.kinds)

    /// What a folded scalar is to the matcher.
    enum Kind: UInt8, Sendable {
        /// Han, kana, Hangul and everything else that may stand beside a word without being part of it.
        case other
        /// Invisible: direction marks, joiners, combining marks, variation selectors, skin tones, control characters.
        case dropped
        case space
        case punctuation
        /// Emoji, currency and other signs.
        case symbol
        /// `_`, which ties the parts of a name together.
        case joiner
        /// A letter of a script with upper and lower case, where words are longer than one letter.
        case letter
        /// 0–9.
        case digit

        /// May be skipped between the characters of a word.
        var separates: Bool {
            switch self {
            case .space, .punctuation, .symbol, .joiner: true
            case .other, .dropped, .letter, .digit: false
            }
        }
    }

    /// What a scalar becomes.
    enum Entry {
        case scalar(UInt32, Kind)
        /// Several scalars, such as `10` for ⑩.
        case expansion(ArraySlice<UInt32>)
    }

    // Two levels: a page number for each 256 scalars, then one word per scalar. A word is source XOR target in its low
    // 21 bits and the target's kind in the next 3, or, flagged, an index into the expansions. So 0 means "itself, of
    // kind other", and the many pages where nothing happens are one page.
    private static let expansionFlag: UInt32 = 1 << 31
    private static let kindShift: UInt32 = 21
    private static let scalarMask: UInt32 = (1 << kindShift) - 1

    private var pageNumbers = [UInt16](repeating: 0, count: 0x1100)
    private var words = [UInt32](repeating: 0, count: 256)
    /// Length, then that many scalars.
    private var expansions: [UInt32] = []

    subscript(scalar: Unicode.Scalar) -> Entry {
        let word = word(of: scalar.value)
        guard word & Self.expansionFlag == 0 else {
            let index = Int(word & ~Self.expansionFlag)
            return .expansion(expansions[(index + 1)...(index + Int(expansions[index]))])
        }
        return .scalar(scalar.value ^ word & Self.scalarMask, Self.kind(inWord: word))
    }

    /// The kind of a scalar that has been folded already.
    func kind(ofFolded scalar: UInt32) -> Kind { Self.kind(inWord: word(of: scalar)) }

    private static func kind(inWord word: UInt32) -> Kind { Kind(rawValue: UInt8(word >> kindShift & 7)) ?? .other }

    private func word(of scalar: UInt32) -> UInt32 {
        words[Int(pageNumbers[Int(scalar >> 8)]) << 8 | Int(scalar & 0xff)]
    }

    private mutating func setWord(of scalar: UInt32, to word: UInt32) {
        let high = Int(scalar >> 8)
        if pageNumbers[high] == 0 {
            pageNumbers[high] = UInt16(words.count >> 8)
            words.append(contentsOf: repeatElement(0, count: 256))
        }
        words[Int(pageNumbers[high]) << 8 | Int(scalar & 0xff)] = word
    }
}

extension FoldingTable {
    /// Decodes text of the form of ``FoldingData``.
    private init(foldings: String, kinds: String) {
        decode(kinds: kinds)
        decode(foldings: foldings)
    }

    private mutating func decode(kinds: String) {
        var reader = FoldingDataReader(kinds)
        var position: UInt32 = 0
        while let step = reader.number() {
            position += step
            let length = reader.skip("+") ? reader.number() ?? 0 : 0
            let kind = reader.skip("=") ? reader.letter().map(Self.kind(named:)) ?? .other : .other
            for scalar in position..<position + length {
                setWord(of: scalar, to: UInt32(kind.rawValue) << Self.kindShift)
            }
            position += length
        }
    }

    private mutating func decode(foldings: String) {
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
                    let kind = UInt32(plain.kind(ofFolded: target + index).rawValue)
                    setWord(of: source + index, to: (source + index) ^ (target + index) | kind << Self.kindShift)
                }
            } else {
                setWord(of: source, to: Self.expansionFlag | UInt32(expansions.count))
                expansions += [UInt32(targets.count)] + targets
            }
        }
    }

    private static func kind(named letter: UInt8) -> Kind {
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
