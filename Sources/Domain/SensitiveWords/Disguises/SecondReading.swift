import PatternMatching

/// Another reading of a folded text, some of whose units stand for one or more of that text's.
final class SecondReading {
    private let base: FoldedText
    private let haystack = Haystack()
    private let gaps = ScratchBuffer<UInt8>()
    private let firsts = ScratchBuffer<Int32>()
    private let lasts = ScratchBuffer<Int32>()
    /// For each unit, the first index in the base.
    private let sources = ScratchBuffer<Int32>()
    private var units: UnsafeMutablePointer<UInt32>
    private var count = 0

    init(of base: FoldedText) {
        self.base = base
        units = haystack.prepare(capacity: 1)
    }

    func clear() {
        units = haystack.prepare(capacity: max(base.count, 1))
        gaps.reserve(base.count)
        firsts.reserve(base.count)
        lasts.reserve(base.count)
        sources.reserve(base.count)
        count = 0
    }

    /// At most as many units as the base has.
    func append(_ unit: UInt32, from first: Int, through last: Int, isChanged: Bool) {
        let reading = base.reading
        var gap = reading.gaps[first]
        if first < last {
            for inner in first + 1...last {
                let wider = max(gap & Reading.GapFlags.count, reading.gaps[inner] & Reading.GapFlags.count)
                let flags = (gap | reading.gaps[inner]) & Reading.GapFlags.clause | gap & Reading.GapFlags.joined
                gap = flags | wider
            }
        }
        units[count] = unit
        gaps.base[count] = isChanged ? gap | Reading.GapFlags.changed : gap
        firsts.base[count] = reading.firsts[first]
        lasts.base[count] = reading.lasts[last]
        sources.base[count] = Int32(first)
        count += 1
    }

    func finish() { haystack.finish(count: count) }

    var reading: Reading {
        Reading(
            haystack: haystack, units: UnsafePointer(units), count: count, gaps: UnsafePointer(gaps.base),
            firsts: UnsafePointer(firsts.base), lasts: UnsafePointer(lasts.base))
    }

    /// Index in the base of the first unit that became this one.
    func source(of index: Int) -> Int { Int(sources.base[index]) }
}
