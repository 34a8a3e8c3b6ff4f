/// Where the allowed words of a rule stand in a text, ready to be asked about any number of matches.
struct AllowedRanges {
    private var all = Cover()
    /// Without separators inside, and longer than one character.
    private var plain = Cover()

    /// - Parameter allowed: In any order.
    init(_ allowed: [Occurrence]) {
        for occurrence in allowed.sorted(by: { $0.start < $1.start }) {
            all.append(occurrence)
            if !occurrence.isGapped && occurrence.length > 1 { plain.append(occurrence) }
        }
    }

    func covers(_ start: Int, _ end: Int) -> Bool { all.covers(start, end) }

    /// Why the match is innocent; `nil` if it is not.
    func innocence(of match: Occurrence) -> Innocence? {
        if all.covers(match.start, match.end) { return .insideAllowedWord }
        // 「往返 现在」: with 往返 or 现在 allowed, the 返 and the 现 of 返现 belong to other words.
        let bridges =
            match.isGapped && match.length == 2
            && (plain.covers(match.start, match.start + 1) || plain.covers(match.end - 1, match.end))
        return bridges ? .bridgesWords : nil
    }

    /// Answers in logarithmic time whether one of many ranges contains a given one.
    private struct Cover {
        private var starts: [Int] = []
        /// The furthest end of the ranges up to here.
        private var reach: [Int] = []

        /// By rising start.
        mutating func append(_ occurrence: Occurrence) {
            starts.append(occurrence.start)
            reach.append(max(reach.last ?? 0, occurrence.end))
        }

        func covers(_ start: Int, _ end: Int) -> Bool {
            var low = 0
            var high = starts.count
            while low < high {
                let middle = low + (high - low) / 2
                if starts[middle] <= start { low = middle + 1 } else { high = middle }
            }
            return low > 0 && reach[low - 1] >= end
        }
    }
}
