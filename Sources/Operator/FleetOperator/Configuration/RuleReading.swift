package import Contracts

/// Reads the rules of a rules file, one after the other.
package struct RuleReading {
    private static let keys = [
        "id", "name", "side", "severity", "words", "words_from", "allow", "allow_from", "gap", "patterns", "disguises",
        "word_disguises", "logic", "acts", "scope", "robots", "webhooks", "recipients", "enabled",
    ]
    private static let disguises = ["components", "pinyin", "initials", "homophones", "lookalikes", "numerals"]

    private let lists: WordLists
    /// Where each rule read so far is written.
    private(set) var nodes: [RuleNodes] = []

    package init(lists: WordLists) { self.lists = lists }

    /// - Parameter faults: gets every fault of the rule, with its line.
    package mutating func rule(_ node: FileNode, faults: inout [FileFault]) -> RulesConfiguration.Rule {
        var places = RuleNodes(node)
        defer { nodes.append(places) }
        guard let rule = FileMapping(node, allowed: Self.keys, faults: &faults) else {
            return .init(id: "", name: "", side: .any, severity: .normal, words: [])
        }
        if ["words", "words_from", "patterns", "logic", "acts"].allSatisfy({ rule.node($0) == nil }) {
            faults.append(rule.fault("words", "is missing"))
        }
        return .init(
            id: rule.text("id", faults: &faults), name: rule.text("name", faults: &faults),
            side: rule.choice("side", default: .any, faults: &faults), severity: severity(rule, faults: &faults),
            words: words(rule, "words", &places.words, faults: &faults),
            allow: words(rule, "allow", &places.allow, faults: &faults), scope: scope(rule, faults: &faults),
            robots: rule.texts("robots", faults: &faults), webhooks: rule.texts("webhooks", faults: &faults),
            recipients: rule.texts("recipients", faults: &faults),
            enabled: rule.boolean("enabled", default: true, faults: &faults),
            gap: rule.integer("gap", faults: &faults) ?? RulesConfiguration.Rule.defaultGap,
            patterns: patterns(rule, faults: &faults),
            disguises: rule.node("disguises").map { disguises($0, faults: &faults) } ?? .init(),
            wordDisguises: wordDisguises(rule, faults: &faults), logic: logic(rule, faults: &faults),
            acts: acts(rule, faults: &faults))
    }

    /// The words of `key`, then those of the lists that `key_from` names.
    private func words(
        _ rule: FileMapping, _ key: String, _ places: inout [RuleNodes.Place], faults: inout [FileFault]
    ) -> [String] {
        var words: [String] = []
        for item in rule.list(key, faults: &faults) {
            guard let text = item.text, !text.isEmpty else {
                faults.append(FileFault(line: item.line, path: item.path, "must be a text"))
                continue
            }
            words.append(text)
            places.append(RuleNodes.Place(line: item.line, path: item.path))
        }
        for item in rule.list("\(key)_from", faults: &faults) {
            guard let path = item.text, !path.isEmpty else {
                faults.append(FileFault(line: item.line, path: item.path, "must be the path of a CSV file"))
                continue
            }
            do {
                let list = WordList(parsing: try lists.text(path), file: path)
                faults += list.faults
                words += list.entries.map(\.word)
                places += list.entries.map { RuleNodes.Place(file: path, line: $0.line, path: "") }
            } catch {
                let problem = (error as? WordLists.Unreadable)?.problem ?? "can't be read"
                faults.append(FileFault(line: item.line, path: item.path, "\(path) \(problem)"))
            }
        }
        return words
    }

    private func severity(_ rule: FileMapping, faults: inout [FileFault]) -> Severity {
        guard let node = rule.node("severity") else { return .normal }
        if let severity = Severity.allCases.first(where: { $0.title == node.text || String($0.rawValue) == node.text })
        {
            return severity
        }
        let names = Severity.allCases.map { "\($0.rawValue) \($0.title)" }.joined(separator: ", ")
        faults.append(FileFault(line: node.line, path: node.path, "must be one of \(names)"))
        return .normal
    }

    private func scope(_ rule: FileMapping, faults: inout [FileFault]) -> RulesConfiguration.Scope {
        guard let node = rule.node("scope"),
            let scope = FileMapping(
                node, allowed: ["audience", "conversations", "employees", "departments"], faults: &faults)
        else { return .init() }
        return .init(
            audience: scope.choice("audience", default: .external, faults: &faults),
            conversations: scope.choice("conversations", default: .any, faults: &faults),
            employees: scope.texts("employees", faults: &faults),
            departments: scope.integers("departments", faults: &faults))
    }

    private func patterns(_ rule: FileMapping, faults: inout [FileFault]) -> [RulesConfiguration.Pattern] {
        var patterns: [RulesConfiguration.Pattern] = []
        for item in rule.list("patterns", faults: &faults) {
            if let name = item.text {
                if let kind = RulesConfiguration.PatternKind(rawValue: name) {
                    patterns.append(.named(kind))
                } else {
                    let names = RulesConfiguration.PatternKind.allCases.map(\.rawValue).joined(separator: ", ")
                    faults.append(
                        FileFault(line: item.line, path: item.path, "must be one of \(names), or {regex: '…'}"))
                }
            } else if let mapping = FileMapping(item, allowed: ["regex"], faults: &faults) {
                patterns.append(.expression(mapping.text("regex", faults: &faults)))
            }
        }
        return patterns
    }

    private func disguises(_ node: FileNode, faults: inout [FileFault]) -> RulesConfiguration.Disguises {
        guard let mapping = FileMapping(node, allowed: Self.disguises, faults: &faults) else { return .init() }
        func value(_ key: String) -> Bool? {
            mapping.node(key) == nil ? nil : mapping.boolean(key, default: false, faults: &faults)
        }
        return .init(
            components: value("components"), pinyin: value("pinyin"), initials: value("initials"),
            homophones: value("homophones"), lookalikes: value("lookalikes"), numerals: value("numerals"))
    }

    private func wordDisguises(
        _ rule: FileMapping, faults: inout [FileFault]
    ) -> [String: RulesConfiguration.Disguises] {
        guard let node = rule.node("word_disguises") else { return [:] }
        guard let entries = node.entries else {
            faults.append(FileFault(line: node.line, path: node.path, "must be a mapping from words to disguises"))
            return [:]
        }
        var result: [String: RulesConfiguration.Disguises] = [:]
        for (word, value) in entries { result[word] = disguises(value, faults: &faults) }
        return result
    }

    private func logic(_ rule: FileMapping, faults: inout [FileFault]) -> RulesConfiguration.Logic? {
        guard let node = rule.node("logic"),
            let logic = FileMapping(node, allowed: ["all", "none", "within", "at_least"], faults: &faults)
        else { return nil }
        var all: [[String]] = []
        for list in logic.list("all", faults: &faults) {
            guard let items = list.items else {
                faults.append(FileFault(line: list.line, path: list.path, "must be a list of words"))
                continue
            }
            all.append(
                items.compactMap { item in
                    if let text = item.text, !text.isEmpty { return text }
                    faults.append(FileFault(line: item.line, path: item.path, "must be a text"))
                    return nil
                })
        }
        return .init(
            all: all, none: logic.texts("none", faults: &faults), within: logic.integer("within", faults: &faults),
            atLeast: logic.integer("at_least", faults: &faults) ?? 1)
    }

    private func acts(_ rule: FileMapping, faults: inout [FileFault]) -> [RulesConfiguration.Act] {
        rule.list("acts", faults: &faults).compactMap { item in
            if let act = item.text.flatMap({ RulesConfiguration.Act(rawValue: $0) }) { return act }
            faults.append(
                FileFault(line: item.line, path: item.path, "must be card, red-packet or file:ENDING such as file:apk"))
            return nil
        }
    }
}
