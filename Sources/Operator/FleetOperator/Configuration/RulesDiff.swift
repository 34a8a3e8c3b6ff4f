package import Contracts

/// What differs between two rule sets, rule by rule and word by word.
package enum RulesDiff {
    package struct Change: Sendable, Equatable, Encodable {
        package enum Kind: String, Sendable, Encodable {
            case added
            case removed
            case changed
        }

        package var ruleID: String
        package var name: String
        package var kind: Kind
        package var wordsAdded: [String] = []
        package var wordsRemoved: [String] = []
        package var allowAdded: [String] = []
        package var allowRemoved: [String] = []
        /// What else differs: `severity 一般 → 严重`. Empty for a rule that is new or gone.
        package var fields: [String] = []
    }

    /// In the order of the new set, rules that are gone last.
    package static func changes(
        from old: RulesConfiguration?, to new: RulesConfiguration
    ) -> [Change] {
        let before = Dictionary((old?.rules ?? []).map { ($0.id, $0) }) { first, _ in first }
        let kept = Set(new.rules.map(\.id))
        var changes: [Change] = []
        for rule in new.rules {
            guard let former = before[rule.id] else {
                changes.append(
                    Change(
                        ruleID: rule.id, name: rule.name, kind: .added, wordsAdded: rule.words, allowAdded: rule.allow))
                continue
            }
            guard former != rule else { continue }
            let words = difference(former.words, rule.words)
            let allow = difference(former.allow, rule.allow)
            var (plainBefore, plainAfter) = (former, rule)
            // Words are listed one by one; only their order is left to the fields.
            if !words.added.isEmpty || !words.removed.isEmpty { (plainBefore.words, plainAfter.words) = ([], []) }
            if !allow.added.isEmpty || !allow.removed.isEmpty { (plainBefore.allow, plainAfter.allow) = ([], []) }
            changes.append(
                Change(
                    ruleID: rule.id, name: rule.name, kind: .changed, wordsAdded: words.added,
                    wordsRemoved: words.removed, allowAdded: allow.added, allowRemoved: allow.removed,
                    fields: RulesFile.differences(plainBefore, plainAfter)))
        }
        for rule in old?.rules ?? [] where !kept.contains(rule.id) {
            changes.append(
                Change(
                    ruleID: rule.id, name: rule.name, kind: .removed, wordsRemoved: rule.words,
                    allowRemoved: rule.allow))
        }
        return changes
    }

    private static func difference(_ old: [String], _ new: [String]) -> (added: [String], removed: [String]) {
        let (before, after) = (Set(old), Set(new))
        return (new.filter { !before.contains($0) }, old.filter { !after.contains($0) })
    }

    /// For the terminal: at most twenty words of each list.
    package static func text(_ changes: [Change]) -> String {
        changes.map { change in
            let sign = [Change.Kind.added: "+", .removed: "-", .changed: "~"][change.kind] ?? "~"
            var lines = ["\(sign) rule \(change.ruleID) \(change.name)"]
            lines += change.fields.map { "    \($0)" }
            lines += words("words +", change.wordsAdded) + words("words −", change.wordsRemoved)
            lines += words("allow +", change.allowAdded) + words("allow −", change.allowRemoved)
            return lines.joined(separator: "\n")
        }.joined(separator: "\n")
    }

    private static func words(_ title: String, _ words: [String]) -> [String] {
        guard !words.isEmpty else { return [] }
        let rest = words.count > 20 ? " and \(words.count - 20) more" : ""
        return ["    \(title)\(words.count): \(words.prefix(20).joined(separator: " "))\(rest)"]
    }
}
