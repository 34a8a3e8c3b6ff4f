import Contracts
import PatternMatching
import SensitiveWords

/// One of the ways to find the words.
enum Search {
    case raw(PatternMatcher)
    case folded(RuleSet)

    init(_ engine: App.Engine, words: [String], rules: Int) throws {
        switch engine {
        case .raw: self = .raw(PatternMatcher(patterns: words.map { $0.unicodeScalars.map(\.value) }))
        case .normalised, .disguised:
            let parts = (0..<rules).map { part in
                RulesConfiguration.Rule(
                    id: "r\(part)", name: "r", side: .any, severity: .normal,
                    words: words.indices.filter { $0 % rules == part }.map { words[$0] },
                    disguises: engine == .disguised ? .init() : Self.noDisguises)
            }
            self = .folded(try RuleSet(RulesConfiguration(corpID: "c", rules: parts), version: "v"))
        }
    }

    private static let noDisguises = RulesConfiguration.Disguises(
        components: false, pinyin: false, initials: false, homophones: false, lookalikes: false, numerals: false)

    var tableBytes: Int {
        switch self {
        case .raw(let matcher): matcher.byteCount
        case .folded(let rules): rules.byteCount
        }
    }

    /// Occurrences in all lines, one line after the other.
    func count(in lines: [String]) -> Int {
        switch self {
        case .raw(let matcher):
            let haystack = Haystack()
            var matches: [PatternMatcher.Match] = []
            var count = 0
            for line in lines {
                matches.removeAll(keepingCapacity: true)
                Self.decode(line, into: haystack)
                matcher.appendMatches(in: haystack, to: &matches)
                count += matches.count
            }
            return count
        case .folded(let rules):
            var scanner = WordScanner(rules)
            return lines.reduce(0) { $0 + scanner.count(in: $1) }
        }
    }

    /// The Unicode scalars as they stand. A `String`'s bytes are valid UTF-8.
    private static func decode(_ line: String, into haystack: Haystack) {
        var line = line
        line.withUTF8 { bytes in
            let units = haystack.prepare(capacity: bytes.count)
            var count = 0
            var index = 0
            func rest(_ distance: Int) -> UInt32 { UInt32(bytes[index &+ distance] & 0x3f) }
            while index < bytes.count {
                let first = UInt32(bytes[index])
                switch first {
                case ..<0x80:
                    units[count] = first
                    index &+= 1
                case ..<0xe0:
                    units[count] = (first & 0x1f) &<< 6 | rest(1)
                    index &+= 2
                case ..<0xf0:
                    units[count] = (first & 0x0f) &<< 12 | rest(1) &<< 6 | rest(2)
                    index &+= 3
                default:
                    units[count] = (first & 0x07) &<< 18 | rest(1) &<< 12 | rest(2) &<< 6 | rest(3)
                    index &+= 4
                }
                count &+= 1
            }
            haystack.finish(count: count)
        }
    }
}
