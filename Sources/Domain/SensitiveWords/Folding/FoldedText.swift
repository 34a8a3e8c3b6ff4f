import PatternMatching

/// Text as the matcher reads it, with the way back to the original.
///
/// Every scalar is replaced by what it is matched as (compatibility forms, lower case, simplified Chinese, no accents);
/// invisible ones are dropped; separators are left out and counted. One task at a time; its memory is used again, so
/// that folding message after message allocates nothing.
final class FoldedText {
    /// What becomes of separators.
    enum Signs {
        /// None stays: 「维❤权」 reads 维权.
        case skipped
        /// Those that stand for a word become that word (「退💰」 reads 退钱), those of the set stay.
        case read(Set<UInt32>)
        /// Those that stand for a word become that word, all others but white space stay: how words are folded.
        case kept
        /// All stay as they are: what expressions are matched against.
        case plain
    }

    /// The folded scalars.
    let haystack = Haystack()
    /// For each of them, the index of its Unicode scalar in the original. Several may share one (⑩ gives 1 and 0).
    private var offsets = UnsafeMutableBufferPointer<Int32>.allocate(capacity: 256)
    /// For each of them, how many separators stood before it, up to ``maximumGap``, with flags.
    private var gaps = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 256)
    /// The bits of ``FoldingTable/Entry/cues`` seen in the text.
    private(set) var cues: UInt32 = 0
    /// Two neighbours are the same letter or character.
    private(set) var hasRepetition = false
    /// A separator of the set given to ``fold(_:signs:listed:)`` was seen.
    private(set) var hasListedSign = false

    static let maximumGap: UInt8 = 0x3f
    /// Set in a gap that is nothing but `_`: the two sides are parts of one name.
    private static let joinedFlag: UInt8 = 0x80
    /// The unit comes from a sign.
    private static let signFlag: UInt8 = 0x40
    private static let zeroWidthJoiner: UInt32 = 0x200d

    init() {}

    deinit {
        offsets.deallocate()
        gaps.deallocate()
    }

    var count: Int { haystack.count }
    var scalars: UnsafeBufferPointer<UInt32> { haystack.units }
    subscript(index: Int) -> UInt32 { haystack[index] }

    /// Index in the original of the scalar that became the one at `index`.
    @inline(__always)
    func offset(of index: Int) -> Int { Int(offsets[index]) }

    /// Separators between the scalar at `index` and the one before it.
    @inline(__always)
    func gap(before index: Int) -> Int { Int(gaps[index] & Self.maximumGap) }

    /// The scalar at `index` continues the token of the one before it, if both are letters or digits.
    func isJoined(at index: Int) -> Bool { gap(before: index) == 0 || gaps[index] & Self.joinedFlag != 0 }

    func isSign(at index: Int) -> Bool { gaps[index] & Self.signFlag != 0 }

    /// The folded text for people to read.
    var string: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars.lazy.compactMap(Unicode.Scalar.init))
        return String(view)
    }

    /// Replaces the content by the folded `text`.
    /// - Parameter listed: Separators to look out for.
    func fold(_ text: String, signs: Signs, listed: Set<UInt32> = []) {
        var text = text
        text.withUTF8 { fold($0, signs: signs, listed: listed) }
    }

    private func fold(_ bytes: UnsafeBufferPointer<UInt8>, signs: Signs, listed: Set<UInt32>) {
        let table = FoldingTable.shared
        var reader = UTF8Reader(bytes)
        // A scalar has one byte or more, and becomes one unit but for the rare expansions, which ask for more room.
        var writer = writer(capacity: bytes.count, keeping: 0)
        var seen: UInt32 = 0
        var repeats = false
        var previous: UInt32 = 0
        var afterJoiner = false
        hasListedSign = false
        while let scalar = reader.next() {
            let entry = table.entry(of: scalar)
            seen |= entry.word
            if entry.word & FoldingTable.Entry.special == 0 {
                let unit = scalar ^ entry.word & FoldingTable.Entry.scalarMask
                repeats = repeats || unit == previous
                previous = unit
                writer.append(unit)
                afterJoiner = false
            } else if entry.word & FoldingTable.Entry.expansion != 0 {
                for unit in table.expansion(entry) where !table.kind(ofFolded: unit).separates {
                    seen |= table.entry(of: unit).word
                    makeRoom(for: &writer, beside: reader.remaining)
                    writer.append(unit)
                }
                previous = 0
                afterJoiner = false
            } else if entry.kind == .dropped {
                afterJoiner = scalar == Self.zeroWidthJoiner
            } else {
                let sign = scalar ^ entry.word & FoldingTable.Entry.scalarMask
                if !listed.isEmpty && listed.contains(sign) { hasListedSign = true }
                if let word = signs.word(for: sign, entry) {
                    for unit in word {
                        makeRoom(for: &writer, beside: reader.remaining)
                        writer.gap |= Self.signFlag
                        writer.append(unit)
                    }
                    previous = 0
                } else if !afterJoiner {  // 👨‍👩‍👧 is one sign to whoever reads it
                    writer.skip(isJoiner: entry.kind == .joiner)
                }
                afterJoiner = false
            }
            writer.offset &+= 1
        }
        haystack.finish(count: writer.count)
        cues = seen & FoldingTable.Entry.cues
        hasRepetition = repeats
    }

    /// Where the next unit goes.
    private struct Writer {
        var units: UnsafeMutablePointer<UInt32>
        var offsets: UnsafeMutablePointer<Int32>
        var gaps: UnsafeMutablePointer<UInt8>
        var count = 0
        /// What stood since the last unit.
        var gap: UInt8 = 0
        var offset: Int32 = 0

        @inline(__always)
        mutating func append(_ unit: UInt32) {
            units[count] = unit
            offsets[count] = offset
            gaps[count] = gap
            gap = 0
            count &+= 1
        }

        mutating func skip(isJoiner: Bool) {
            let isJoined = isJoiner && (gap == 0 || gap & FoldedText.joinedFlag != 0)
            gap = min((gap & FoldedText.maximumGap) &+ 1, FoldedText.maximumGap)
            if isJoined { gap |= FoldedText.joinedFlag }
        }
    }

    private func writer(capacity: Int, keeping: Int) -> Writer {
        reserve(capacity, keeping: keeping)
        let units =
            keeping == 0
            ? haystack.prepare(capacity: capacity) : haystack.grow(capacity: capacity, keeping: keeping)
        return Writer(
            units: units, offsets: offsets.baseAddress.unsafelyUnwrapped, gaps: gaps.baseAddress.unsafelyUnwrapped)
    }

    @inline(__always)
    private func makeRoom(for writer: inout Writer, beside remaining: Int) {
        let needed = writer.count &+ 1 &+ remaining
        guard needed > offsets.count || needed > haystack.capacity else { return }
        let larger = self.writer(capacity: needed * 2, keeping: writer.count)
        writer.units = larger.units
        writer.offsets = larger.offsets
        writer.gaps = larger.gaps
    }

    private func reserve(_ capacity: Int, keeping: Int) {
        guard capacity > offsets.count else { return }
        offsets = Self.larger(offsets, capacity: max(capacity, offsets.count * 2), keeping: keeping)
        gaps = Self.larger(gaps, capacity: offsets.count, keeping: keeping)
    }

    private static func larger<Element: BitwiseCopyable>(
        _ old: UnsafeMutableBufferPointer<Element>, capacity: Int, keeping: Int
    ) -> UnsafeMutableBufferPointer<Element> {
        let new = UnsafeMutableBufferPointer<Element>.allocate(capacity: capacity)
        for index in 0..<keeping { new[index] = old[index] }
        old.deallocate()
        return new
    }
}

extension FoldedText.Signs {
    /// What a separator is read as; `nil` to skip it.
    @inline(__always)
    fileprivate func word(for sign: UInt32, _ entry: FoldingTable.Entry) -> [UInt32]? {
        switch self {
        case .skipped: nil
        case .read(let listed):
            entry.word & FoldingTable.Entry.signCue != 0
                ? SignWords.all[sign] : listed.contains(sign) ? [sign] : nil
        case .kept:
            entry.word & FoldingTable.Entry.signCue != 0
                ? SignWords.all[sign] : entry.kind == .space ? nil : [sign]
        case .plain: [sign]
        }
    }
}
