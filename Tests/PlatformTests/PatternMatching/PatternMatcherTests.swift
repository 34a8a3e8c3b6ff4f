import PatternMatching
import TestSupport
import Testing

@Suite struct PatternMatcherTests {
    private typealias Match = PatternMatcher.Match

    private static func units(_ text: String) -> [UInt32] { text.unicodeScalars.map(\.value) }

    private static func matches(_ patterns: [[UInt32]], in haystack: [UInt32]) -> [PatternMatcher.Match] {
        var found: [PatternMatcher.Match] = []
        let text = Haystack()
        text.assign(haystack)
        PatternMatcher(patterns: patterns).appendMatches(in: text, to: &found)
        return found
    }

    /// Overlapping: looks at every pattern at every place. Of equal patterns the first counts.
    private static func oracle(_ patterns: [[UInt32]], in haystack: [UInt32]) -> Set<PatternMatcher.Match> {
        var found: Set<PatternMatcher.Match> = []
        for (index, pattern) in patterns.enumerated()
        where !pattern.isEmpty && pattern.count <= haystack.count && patterns.firstIndex(of: pattern) == index {
            for start in 0...(haystack.count - pattern.count)
            where haystack[start..<start + pattern.count].elementsEqual(pattern) {
                found.insert(.init(pattern: index, start: start, end: start + pattern.count))
            }
        }
        return found
    }

    @Test(arguments: [
        (["he", "she", "his", "hers"], "ushers", [1: 1, 0: 2, 3: 2]),
        (["维权", "权利"], "维权利", [0: 0, 1: 1]),
        (["a", "aa", "aaa"], "aaa", [2: 0]),
        ([], "anything", [:]), ([""], "anything", [:]), (["x"], "", [:]), (["💰", "退💰"], "退💰", [1: 0, 0: 1]),
    ])
    func overlappingMatchesAreAllFound(patterns: [String], haystack: String, expected: [Int: Int]) {
        let found = Self.matches(patterns.map(Self.units), in: Self.units(haystack))
        for (pattern, start) in expected {
            #expect(found.contains { $0.pattern == pattern && $0.start == start })
        }
        #expect(Set(found) == Self.oracle(patterns.map(Self.units), in: Self.units(haystack)))
    }

    /// Leftmost-longest: at the first place where anything begins the longest, then on behind its end.
    private static func leftmostLongestOracle(
        _ patterns: [[UInt32]], in haystack: [UInt32]
    ) -> [PatternMatcher.Match] {
        var chosen: [PatternMatcher.Match] = []
        var position = 0
        while position < haystack.count {
            let here = oracle(patterns, in: haystack).filter { $0.start == position }
            if let longest = here.max(by: { $0.end < $1.end }) {
                chosen.append(longest)
                position = longest.end
            } else {
                position += 1
            }
        }
        return chosen
    }

    @Test func matchesComeByTheirStartAndTheShortestFirst() {
        let found = Self.matches(["bcd", "bc", "abc", "ab", "abcde"].map(Self.units), in: Self.units("abcde"))
        #expect(found.map(\.pattern) == [3, 2, 4, 1, 0])
    }

    @Test func ofEqualPatternsTheFirstIsReported() {
        #expect(Self.matches([[1, 2], [1, 2]], in: [1, 2]).map(\.pattern) == [0])
        #expect(Self.matches([[1, 2, 3, 4], [1, 2, 3], [1, 2, 3, 4]], in: [1, 2, 3, 4]).map(\.pattern) == [1, 0])
        #expect(Self.matches([[7], [7]], in: [7]).map(\.pattern) == [0])
    }

    @Test func anyScalarMayStandInAPatternOrAText() {
        let patterns: [[UInt32]] = [[0], [0, 0], [0x10ffff, 0], [0x110000], [0, 0, 0, 0x1ffffe]]
        let haystack: [UInt32] = [0x10ffff, 0, 0, 0, 0x1ffffe, 0x110000, 7]
        #expect(Set(Self.matches(patterns, in: haystack)) == Self.oracle(patterns, in: haystack))
    }

    @Test func patternsOfOneAndOfSixtyFourUnitsAreFound() {
        let long = (0..<UInt32(64)).map { 0x4e00 + $0 % 5 }
        let patterns = [long, Array(long.dropLast()), [0x4e00], Array(long.prefix(3))]
        let haystack = [7, 7] + long + [7] + long.dropLast()
        #expect(Set(Self.matches(patterns, in: haystack)) == Self.oracle(patterns, in: haystack))
    }

    /// A text that reuses the memory of a longer one must not see what stood there.
    @Test func aShorterTextAfterALongerOneHasNoGhosts() {
        let matcher = PatternMatcher(patterns: [[1, 2], [1, 2, 3], [3]])
        let text = Haystack()
        for units in [[1, 2, 3] as [UInt32], [1], [], [1, 2], [2, 3, 1]] {
            text.assign(units)
            var found: [PatternMatcher.Match] = []
            matcher.appendMatches(in: text, to: &found)
            #expect(Set(found) == Self.oracle([[1, 2], [1, 2, 3], [3]], in: units))
        }
    }

    /// Few letters make many overlaps, shared prefixes and failure links; many make sparse states.
    @Test(arguments: [(UInt32(2), 40, 6), (3, 100, 8), (12, 150, 4), (400, 250, 3)])
    func randomTextsMatchAsANaiveSearchSays(letters: UInt32, patternCount: Int, longest: Int) {
        for seed in UInt64(1)...10 {
            var random = SeededGenerator(seed: seed)
            func word(_ lengths: ClosedRange<Int>) -> [UInt32] {
                (0..<Int.random(in: lengths, using: &random)).map { _ in
                    0x4e00 + UInt32.random(in: 0..<letters, using: &random)
                }
            }
            let patterns = (0..<patternCount).map { _ in word(0...longest) }
            let haystack = word(0...50) + patterns.prefix(20).flatMap { $0 + word(0...2) }
            let found = Self.matches(patterns, in: haystack)
            #expect(Set(found) == Self.oracle(patterns, in: haystack), "seed \(seed)")
            #expect(Set(found).count == found.count, "seed \(seed): reported twice")
            let longer = found.filter { $0.end - $0.start > 1 }
            #expect(longer.map(\.start) == longer.map(\.start).sorted(), "seed \(seed): out of order")
            #expect(
                PatternMatcher.leftmostLongest(found) == Self.leftmostLongestOracle(patterns, in: haystack),
                "seed \(seed): leftmost-longest")
        }
    }
}
