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

    private let haystack = Haystack()
    /// For each folded scalar, the index of its Unicode scalar in the original. Several may share one (⑩ gives 1 and 0).
    private let offsets = ScratchBuffer<Int32>()
    /// For each of them, how many separators stood before it, with ``Reading/GapFlags``.
    private let gaps = ScratchBuffer<UInt8>()
    /// The text as it is to be searched.
    @exclusivity(unchecked) private(set) var reading: Reading
    /// The bits of ``FoldingTable/Entry/cues`` seen in the text.
    private(set) var cues: UInt32 = 0
    /// Two neighbours are the same letter or character.
    private(set) var hasRepetition = false
    /// A separator of the set given to ``fold(_:signs:listed:)`` was seen.
    private(set) var hasListedSign = false

    private static let zeroWidthJoiner: UInt32 = 0x200d

    init() {
        reading = Reading(
            haystack: haystack, units: UnsafePointer(haystack.prepare(capacity: 1)), count: 0,
            gaps: UnsafePointer(gaps.base), firsts: UnsafePointer(offsets.base), lasts: UnsafePointer(offsets.base))
    }

    var count: Int { reading.count }
    var scalars: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(start: reading.units, count: reading.count) }

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
        typealias Entry = FoldingTable.Entry
        let table = FoldingTable.shared
        var reader = UTF8Reader(bytes)
        // A scalar has one byte or more, and becomes one unit but for the rare expansions, which ask for more room.
        var writer = writer(capacity: bytes.count, keeping: 0)
        var seen: UInt32 = 0
        var repeats = false
        var previous: UInt32 = 0
        hasListedSign = false
        while let scalar = reader.next() {
            let entry = table.entry(of: scalar)
            seen |= entry.word
            if entry.word & Entry.special == 0 {
                let unit = scalar ^ entry.word & Entry.scalarMask
                repeats = repeats || unit == previous
                previous = unit
                writer.append(unit)
            } else if entry.word & Entry.skipped != 0 && signs.areSkipped && listed.isEmpty {
                // 👨‍👩‍👧 is one sign to whoever reads it.
                if !writer.isAfterZeroWidthJoiner { writer.skip(scalar, isJoiner: entry.kind == .joiner) }
                writer.isAfterZeroWidthJoiner = false
            } else {
                seen |= special(scalar, entry, signs: signs, listed: listed, beside: reader.remaining, to: &writer)
                previous = 0
            }
            writer.offset &+= 1
        }
        haystack.finish(count: writer.count)
        reading = Reading(
            haystack: haystack, units: UnsafePointer(writer.units), count: writer.count,
            gaps: UnsafePointer(writer.gaps),
            firsts: UnsafePointer(writer.offsets), lasts: UnsafePointer(writer.offsets))
        cues = seen & Entry.cues
        hasRepetition = repeats
    }

    /// Takes in a scalar that is not simply one unit. Kept out of the loop, which is faster without it.
    /// - Returns: Cues of what it expands to.
    @inline(never)
    private func special(
        _ scalar: UInt32, _ entry: FoldingTable.Entry, signs: Signs, listed: Set<UInt32>, beside remaining: Int,
        to writer: inout Writer
    ) -> UInt32 {
        let table = FoldingTable.shared
        var seen: UInt32 = 0
        if entry.word & FoldingTable.Entry.expansion != 0 {
            for unit in table.expansion(entry) where !table.kind(ofFolded: unit).separates {
                seen |= table.entry(of: unit).word
                makeRoom(for: &writer, beside: remaining)
                writer.append(unit)
            }
        } else if entry.kind == .dropped {
            writer.isAfterZeroWidthJoiner = scalar == Self.zeroWidthJoiner
        } else {
            let sign = scalar ^ entry.word & FoldingTable.Entry.scalarMask
            if listed.contains(sign) { hasListedSign = true }
            if let word = signs.word(for: sign, entry) {
                for unit in word {
                    makeRoom(for: &writer, beside: remaining)
                    writer.gap |= Reading.GapFlags.changed
                    writer.append(unit)
                }
            } else if !writer.isAfterZeroWidthJoiner {
                writer.skip(scalar, isJoiner: entry.kind == .joiner)
            }
            writer.isAfterZeroWidthJoiner = false
        }
        return seen
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
        var isAfterZeroWidthJoiner = false

        @inline(__always)
        mutating func append(_ unit: UInt32) {
            units[count] = unit
            offsets[count] = offset
            gaps[count] = gap
            gap = 0
            count &+= 1
            isAfterZeroWidthJoiner = false
        }

        @inline(__always)
        mutating func skip(_ scalar: UInt32, isJoiner: Bool) {
            var flags = gap & Reading.GapFlags.clause
            if isJoiner && (gap == 0 || gap & Reading.GapFlags.joined != 0) { flags |= Reading.GapFlags.joined }
            switch Unicode.Scalar(scalar) {
            case "，", "。", "！", "？", "；", "、", ",", "!", "?", ";": flags |= Reading.GapFlags.clause
            default: break
            }
            gap = min((gap & Reading.GapFlags.count) &+ 1, Reading.GapFlags.count) | flags
        }
    }

    private func writer(capacity: Int, keeping: Int) -> Writer {
        offsets.reserve(capacity, keeping: keeping)
        gaps.reserve(capacity, keeping: keeping)
        let units =
            keeping == 0
            ? haystack.prepare(capacity: capacity) : haystack.grow(capacity: capacity, keeping: keeping)
        return Writer(units: units, offsets: offsets.base, gaps: gaps.base)
    }

    @inline(__always)
    private func makeRoom(for writer: inout Writer, beside remaining: Int) {
        let needed = writer.count &+ 1 &+ remaining
        guard needed > min(offsets.capacity, gaps.capacity, haystack.capacity) else { return }
        let larger = self.writer(capacity: needed * 2, keeping: writer.count)
        writer.units = larger.units
        writer.offsets = larger.offsets
        writer.gaps = larger.gaps
    }
}

extension FoldedText.Signs {
    @inline(__always)
    fileprivate var areSkipped: Bool {
        if case .skipped = self { true } else { false }
    }

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
