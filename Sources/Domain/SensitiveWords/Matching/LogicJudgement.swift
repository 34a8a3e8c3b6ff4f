import Contracts

/// Whether the conditions of a rule hold in one message.
struct LogicJudgement {
    /// What the hit is made of; empty if a condition does not hold.
    let matches: [RuleVerdict.Match]

    /// - Parameters:
    ///   - needsWords: The rule has words or patterns.
    ///   - words: Their matches, by position.
    ///   - required: Matches of each list of `logic.all`, by position.
    init(
        logic: RulesConfiguration.Logic, needsWords: Bool, words: [RuleVerdict.Match],
        required: [Int: [RuleVerdict.Match]], excluded: [RuleVerdict.Match]
    ) {
        var lists = logic.all.indices.map { required[$0] ?? [] }
        if needsWords { lists.append(words) }
        guard excluded.isEmpty, !lists.isEmpty, !lists.contains(where: \.isEmpty),
            !needsWords || Self.count(words) >= logic.atLeast
        else {
            matches = []
            return
        }
        var found = lists.flatMap { $0 }
        if let distance = logic.within, lists.count > 1 { found = Self.close(lists, distance: distance) }
        matches = found.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
    }

    /// Overlapping matches count once.
    private static func count(_ matches: [RuleVerdict.Match]) -> Int {
        var count = 0
        var end = 0
        for match in matches where count == 0 || match.start >= end {
            count += 1
            end = match.end
        }
        return count
    }

    /// Matches that belong to some choice, one of each list, in which the last begins at most `distance` characters
    /// after the end of the first.
    private static func close(_ lists: [[RuleVerdict.Match]], distance: Int) -> [RuleVerdict.Match] {
        var chosen: Set<Range<Int>> = []
        var close: [RuleVerdict.Match] = []
        for first in lists.joined() {
            let reach = first.start...first.end + distance
            let companions = lists.map { $0.filter { reach.contains($0.start) } }
            guard !companions.contains(where: \.isEmpty) else { continue }
            for match in companions.joined() where chosen.insert(match.start..<match.end).inserted {
                close.append(match)
            }
        }
        return close
    }
}
