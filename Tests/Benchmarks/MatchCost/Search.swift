import Contracts
import PatternMatching
import SensitiveWords

/// One of the ways to find the words.
enum Search {
    case raw(PatternMatcher)
    case normalised(RuleSet)

    init(_ engine: App.Engine, words: [String], rules: Int) throws {
        switch engine {
        case .raw: self = .raw(PatternMatcher(patterns: words.map { $0.unicodeScalars.map(\.value) }))
        case .normalised:
            let parts = (0..<rules).map { part in
                RulesConfiguration.Rule(
                    id: "r\(part)", name: "r", side: .any, severity: .normal,
                    words: words.indices.filter { $0 % rules == part }.map { words[$0] })
            }
            self = .normalised(try RuleSet(RulesConfiguration(corpID: "c", rules: parts), version: "v"))
        }
    }

    var tableBytes: Int {
        switch self {
        case .raw(let matcher): matcher.byteCount
        case .normalised(let rules): rules.byteCount
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
                haystack.assign(decoding: line)
                matcher.appendMatches(in: haystack, to: &matches)
                count += matches.count
            }
            return count
        case .normalised(let rules):
            var scanner = WordScanner(rules)
            return lines.reduce(0) { $0 + scanner.count(in: $1) }
        }
    }
}
