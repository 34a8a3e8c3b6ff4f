import PatternMatching
import TestSupport
import Testing

@Suite struct PatternMatcherTests {
    private typealias Match = PatternMatcher.Match

    private static func units(_ text: String) -> [UInt32] { text.unicodeScalars.map(\.value) }

    private static func matches(_ patterns: [[UInt32]], in haystack: [UInt32]) -> [PatternMatcher.Match] {
        var found: [PatternMatcher.Match] = []
        PatternMatcher(patterns: patterns).forEachMatch(in: haystack.span) { found.append($0) }
        return found
    }

    /// Looks at every pattern at every place.
    private static func oracle(_ patterns: [[UInt32]], in haystack: [UInt32]) -> Set<PatternMatcher.Match> {
        var found: Set<PatternMatcher.Match> = []
        for (index, pattern) in patterns.enumerated() where !pattern.isEmpty && pattern.count <= haystack.count {
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

    @Test func matchesComeByTheirEndAndTheLongestFirst() {
        let found = Self.matches(["c", "bc", "abc", "ab"].map(Self.units), in: Self.units("abc"))
        #expect(found.map(\.pattern) == [3, 2, 1, 0])
    }

    @Test func aPatternGivenTwiceIsReportedTwice() {
        #expect(Set(Self.matches([[1, 2], [1, 2]], in: [1, 2]).map(\.pattern)) == [0, 1])
    }

    @Test func anyUnitMayStandInAPatternOrAText() {
        let patterns: [[UInt32]] = [[0], [.max], [0x10ffff, 0], [0x110000]]
        let haystack: [UInt32] = [0x10ffff, 0, .max, 0x110000, 7]
        #expect(Set(Self.matches(patterns, in: haystack)) == Self.oracle(patterns, in: haystack))
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
            #expect(found.map(\.end) == found.map(\.end).sorted(), "seed \(seed): out of order")
        }
    }
}
