/// Text as the matcher reads it, with the way back to the original.
///
/// Every scalar is replaced by what it is matched as (compatibility forms, lower case, simplified Chinese, no accents);
/// invisible ones are dropped; separators are left out and counted. Reusable, so that folding message after message
/// allocates nothing.
struct FoldedText: Sendable {
    /// Which separators stay in the text, because a word may contain them.
    enum Separators {
        /// None: 「维❤权」 reads 维权.
        case skipped
        /// These are characters like any other: 「微❤」 reads 微❤.
        case kept(Set<UInt32>)
        /// All but white space: how words are folded.
        case allKept
    }

    /// The folded scalars.
    private(set) var scalars: [UInt32] = []
    /// For each of them, the index of its Unicode scalar in the original. Several may share one (⑩ gives 1 and 0).
    private(set) var offsets: [Int32] = []
    /// For each of them, how many separators stood before it, up to ``maximumGap``.
    private(set) var gaps: [UInt8] = []
    /// Whether a separator of the given set was seen, kept or not.
    private(set) var containsListedSymbol = false

    static let maximumGap: UInt8 = 63
    /// Set in a gap that is nothing but `_`: the two sides are parts of one name.
    private static let joinedFlag: UInt8 = 0x80

    private static let zeroWidthJoiner: UInt32 = 0x200d

    /// Separators between the scalar at `index` and the one before it.
    func gap(before index: Int) -> Int { Int(gaps[index] & ~Self.joinedFlag) }

    /// The scalar at `index` continues the token of the one before it, if both are letters or digits.
    func isJoined(at index: Int) -> Bool { gaps[index] == 0 || gaps[index] & Self.joinedFlag != 0 }

    /// The folded text for people to read.
    var string: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars.lazy.compactMap(Unicode.Scalar.init))
        return String(view)
    }

    /// Replaces the content by the folded `text`.
    /// - Parameter listed: Separators that occur in some word of the rule set.
    mutating func fold(_ text: String, keeping separators: Separators, listed: Set<UInt32> = []) {
        let table = FoldingTable.shared
        scalars.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        gaps.removeAll(keepingCapacity: true)
        containsListedSymbol = false
        var gap: UInt8 = 0
        var onlyJoiners = true
        var previousJoinsEmoji = false

        var offset: Int32 = 0
        for scalar in text.unicodeScalars {
            switch table[scalar] {
            case .scalar(let folded, let kind) where kind == .dropped:
                previousJoinsEmoji = folded == Self.zeroWidthJoiner
                offset += 1
                continue
            case .scalar(let folded, let kind) where kind.separates:
                if listed.contains(folded) { containsListedSymbol = true }
                guard separators.keep(folded, kind) else {
                    // 👨‍👩‍👧 is one sign to whoever reads it.
                    if !previousJoinsEmoji { gap = min(gap + 1, Self.maximumGap) }
                    onlyJoiners = onlyJoiners && kind == .joiner
                    break
                }
                append(folded, offset: offset, gap: &gap, onlyJoiners: &onlyJoiners)
            case .scalar(let folded, _):
                append(folded, offset: offset, gap: &gap, onlyJoiners: &onlyJoiners)
            case .expansion(let expansion):
                for folded in expansion where !table.kind(ofFolded: folded).separates {
                    append(folded, offset: offset, gap: &gap, onlyJoiners: &onlyJoiners)
                }
            }
            previousJoinsEmoji = false
            offset += 1
        }
    }

    private mutating func append(_ folded: UInt32, offset: Int32, gap: inout UInt8, onlyJoiners: inout Bool) {
        scalars.append(folded)
        offsets.append(offset)
        gaps.append(gap > 0 && onlyJoiners ? gap | Self.joinedFlag : gap)
        gap = 0
        onlyJoiners = true
    }
}

extension FoldedText.Separators {
    fileprivate func keep(_ folded: UInt32, _ kind: FoldingTable.Kind) -> Bool {
        switch self {
        case .skipped: false
        case .kept(let symbols): symbols.contains(folded)
        case .allKept: kind != .space
        }
    }
}
