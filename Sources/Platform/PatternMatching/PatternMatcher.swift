/// Finds every occurrence of every pattern in a text.
///
/// No automaton: at each position two units are hashed into a bitmap that stays in the cache, what passes is tried with
/// three units, and only what passes again is looked up exactly. So a position costs the same whatever the number of
/// patterns, and most cost one memory read. Candidates are collected without branches, which a processor mispredicts.
/// Built once, then immutable, so that any number of tasks may use it at the same time.
package struct PatternMatcher: Sendable {
    /// Units of the longest pattern.
    package static let maximumLength = 64

    /// One occurrence.
    package struct Match: Sendable, Hashable {
        /// Index into the patterns given to ``PatternMatcher/init(patterns:)``.
        package var pattern: Int
        /// Index of its first unit in the haystack.
        package var start: Int
        /// Index after its last unit.
        package var end: Int

        package init(pattern: Int, start: Int, end: Int) {
            self.pattern = pattern
            self.start = start
            self.end = end
        }
    }

    private let patterns: PatternStore
    private let heads: HeadTable
    private let members: MemberTable
    private let pairFilter: BitFilter
    private let headFilter: BitFilter
    /// `nil` when no pattern has one unit only.
    private let singleFilter: BitFilter?

    /// - Parameter patterns: Of 64 units at most, each a Unicode scalar. An empty pattern matches nowhere; of equal ones
    ///   the first is reported.
    package init(patterns: [[UInt32]]) {
        precondition(
            patterns.allSatisfy { $0.count <= Self.maximumLength && $0.allSatisfy { $0 < Haystack.padding } },
            "a pattern is too long, or its units are no Unicode scalars")
        let store = PatternStore(patterns)
        var members: [UInt32] = []
        heads = HeadTable(store, members: &members)
        self.members = MemberTable(members, of: store)
        self.patterns = store

        var singles: [UInt32] = []
        var pairs: [UInt32] = []
        var heads: [UInt32] = []
        pairs.reserveCapacity(patterns.count)
        heads.reserveCapacity(patterns.count)
        for pattern in patterns where !pattern.isEmpty {
            guard pattern.count > 1 else {
                singles.append(HeadHash.one(pattern[0]))
                continue
            }
            let two = HeadHash.two(pattern[0], pattern[1])
            pairs.append(two)
            heads.append(pattern.count == 2 ? HeadHash.three(two, Haystack.padding) : HeadHash.three(two, pattern[2]))
        }
        pairFilter = BitFilter(pairs)
        headFilter = BitFilter(heads)
        singleFilter = singles.isEmpty ? nil : BitFilter(singles)
    }

    /// Bytes of all tables.
    package var byteCount: Int {
        patterns.byteCount + heads.byteCount + members.byteCount + pairFilter.byteCount + headFilter.byteCount
            + (singleFilter?.byteCount ?? 0)
    }

    /// Appends every occurrence, overlapping ones and those inside others included.
    ///
    /// Those of one unit come first, then the others; each by start, at the same start the shortest first.
    package func appendMatches(in haystack: Haystack, to matches: inout [Match]) {
        if let singleFilter { appendSingles(in: haystack, filter: singleFilter.reader, to: &matches) }
        let text = haystack.units.baseAddress.unsafelyUnwrapped
        let candidates = haystack.candidates
        let passed = filter(text, count: haystack.count, into: candidates)
        for index in 0..<passed {
            let candidate = candidates[index]
            let start = Int(candidate >> 2)
            if candidate & 1 != 0 { verifyPair(text + start, at: start, &matches) }
            if candidate & 2 != 0 { verify(text, at: start, end: haystack.count, &matches) }
        }
    }

    /// Of overlapping matches, those that a reader meets first: from left to right, at each place the longest.
    package static func leftmostLongest(_ matches: [Match]) -> [Match] {
        var chosen: [Match] = []
        for match in matches.sorted(by: { ($0.start, $1.end) < ($1.start, $0.end) })
        where match.start >= chosen.last?.end ?? 0 {
            chosen.append(match)
        }
        return chosen
    }

    /// Candidates are positions times 4, plus 1 for a pattern of two units, plus 2 for a longer one.
    /// - Returns: Their number.
    @inline(__always)
    private func filter(_ text: UnsafePointer<UInt32>, count: Int, into candidates: UnsafeMutablePointer<UInt32>) -> Int
    {
        let pairs = pairFilter.reader
        var first = 0
        for position in 0..<max(count &- 1, 0) {
            candidates[first] = UInt32(truncatingIfNeeded: position)
            first &+= pairs.bit(HeadHash.two(text[position], text[position &+ 1]))
        }
        let heads = headFilter.reader
        var second = 0
        for index in 0..<first {
            let position = candidates[index]
            let at = text + Int(position)
            let two = HeadHash.two(at[0], at[1])
            let kinds = heads.bit(HeadHash.three(two, Haystack.padding)) | heads.bit(HeadHash.three(two, at[2])) &<< 1
            candidates[second] = position &<< 2 | UInt32(truncatingIfNeeded: kinds)
            second &+= kinds == 0 ? 0 : 1
        }
        return second
    }

    @inline(__always)
    private func verifyPair(_ at: UnsafePointer<UInt32>, at start: Int, _ matches: inout [Match]) {
        if let pair = heads.entry(HeadTable.key(at[0], at[1], Haystack.padding)) {
            matches.append(Match(pattern: Int(pair.pointee.value), start: start, end: start &+ 2))
        }
    }

    @inline(__always)
    private func verify(_ text: UnsafePointer<UInt32>, at start: Int, end: Int, _ matches: inout [Match]) {
        let at = text + start
        guard start &+ 2 < end, let head = heads.entry(HeadTable.key(at[0], at[1], at[2])) else { return }
        let value = head.pointee.value
        if value & HeadTable.manyFlag == 0 {
            let length = Int(head.pointee.length)
            if length == 3 || start &+ length <= end && patterns.matches(Int(value), at: at) {
                matches.append(Match(pattern: Int(value), start: start, end: start &+ length))
            }
            return
        }
        var lengths = heads.families.base[Int(value & ~HeadTable.manyFlag)].lengths
        var hash = MemberTable.seed
        var length = 0
        while lengths != 0 && start &+ length < end {
            hash = MemberTable.extend(hash, by: at[length])
            length &+= 1
            if lengths & 1 != 0, let pattern = members.pattern(hash, at: at, length: length, of: patterns) {
                matches.append(Match(pattern: pattern, start: start, end: start &+ length))
            }
            lengths &>>= 1
        }
    }

    private func appendSingles(in haystack: Haystack, filter: BitFilter.Reader, to matches: inout [Match]) {
        for (start, unit) in haystack.units.enumerated() where filter.bit(HeadHash.one(unit)) != 0 {
            if let entry = heads.entry(HeadTable.key(unit, Haystack.padding, Haystack.padding)) {
                matches.append(Match(pattern: Int(entry.pointee.value), start: start, end: start + 1))
            }
        }
    }
}
