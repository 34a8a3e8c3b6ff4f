/// How single Unicode scalars are read when words are matched. Decoded once per process, in about a millisecond.
///
/// Immutable once built; the tables live as long as the process.
struct FoldingTable: BitwiseCopyable, @unchecked Sendable {
    // Unchecked, because the memory behind the pointers is written before `shared` is handed out, and never again.
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

    /// What a scalar becomes, and what it is a sign of: one word.
    struct Entry: BitwiseCopyable {
        // Source XOR target in the low 21 bits and the target's kind in the next 3, so that 0 means "itself, of kind
        // other", and the many pages where nothing happens are one page. Expansions have their index there instead.
        var word: UInt32

        static let scalarMask: UInt32 = (1 << 21) - 1
        static let kindShift: UInt32 = 21
        /// Anything but one scalar that stays in the text.
        static let special: UInt32 = 1 << 24
        static let expansion: UInt32 = 1 << 25
        /// A component of a character that hardly ever stands alone.
        static let componentCue: UInt32 = 1 << 26
        /// A Chinese numeral, or a letter that looks like a digit.
        static let numeralCue: UInt32 = 1 << 27
        static let letterCue: UInt32 = 1 << 28
        /// A sign that stands for a word.
        static let signCue: UInt32 = 1 << 29
        static let digitCue: UInt32 = 1 << 30
        /// A separator: skipped, where no sign is read.
        static let skipped: UInt32 = 1 << 31
        static let cues = componentCue | numeralCue | letterCue | signCue | digitCue

        @inline(__always)
        var kind: Kind { Kind(rawValue: UInt8(truncatingIfNeeded: word >> Self.kindShift & 7)) ?? .other }
    }

    let pageNumbers: UnsafePointer<UInt16>
    let words: UnsafePointer<UInt32>
    /// Length, then that many scalars.
    let expansions: UnsafePointer<UInt32>

    @inline(__always)
    func entry(of scalar: UInt32) -> Entry {
        Entry(word: words[Int(pageNumbers[Int(scalar >> 8)]) << 8 | Int(scalar & 0xff)])
    }

    /// The kind of a scalar that has been folded already.
    @inline(__always)
    func kind(ofFolded scalar: UInt32) -> Kind { entry(of: scalar).kind }

    func expansion(_ entry: Entry) -> UnsafeBufferPointer<UInt32> {
        let start = expansions + Int(entry.word & Entry.scalarMask)
        return UnsafeBufferPointer(start: start + 1, count: Int(start.pointee))
    }

    private init(foldings: String, kinds: String) {
        var builder = FoldingTableBuilder()
        builder.decode(kinds: kinds)
        builder.decode(foldings: foldings)
        builder.addCues()
        pageNumbers = Self.keep(builder.pageNumbers)
        words = Self.keep(builder.words)
        expansions = Self.keep(builder.expansions)
    }

    /// Never freed: there is one table in a process.
    private static func keep<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafePointer<Element> {
        let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
        _ = memory.initialize(from: elements)
        return UnsafePointer(memory.baseAddress.unsafelyUnwrapped)
    }
}
