package import Contracts

/// The file behind `scrm rules apply`: the sensitive-word rules of a corp.
///
/// Only the shape is checked here; what makes a good rule (folding, empty words, limits) is `SensitiveWords`' business.
package enum RulesFile: ConfigurationFile {
    package static let kind = RulesConfiguration.kind
    package static let topic = Topics.rules
    package static let users = [Schema.monitor]

    private static let ruleKeys = [
        "id", "name", "side", "severity", "words", "allow", "scope", "robots", "webhooks", "recipients", "enabled",
    ]

    package static func key(of value: RulesConfiguration) -> String { "\(value.corpID)/\(kind)" }

    package static func summary(_ value: RulesConfiguration) -> String {
        "rules: \(value.rules.count), words: \(value.rules.reduce(0) { $0 + $1.words.count })"
    }

    package static func findings(
        _ value: RulesConfiguration, corps: CorpsConfiguration?
    ) -> ConfigurationFindings {
        RuleTargets.findings(value, corps: corps)
    }

    package static func read(_ text: String, corpID: String?) throws(FileFaults) -> RulesConfiguration {
        let root = try FileNode(parsing: text)
        var faults: [FileFault] = []
        guard let file = FileMapping(root, allowed: ["corp_id", "rules"], faults: &faults) else {
            throw FileFaults(faults)
        }
        let corp = Self.corpID(file, option: corpID, faults: &faults)
        if file.node("rules") == nil {
            faults.append(file.fault("rules", "is missing; write `rules: []` for a corp without rules"))
        }
        let nodes = file.list("rules", faults: &faults)
        let configuration = RulesConfiguration(corpID: corp, rules: nodes.map { rule($0, faults: &faults) })
        if faults.isEmpty { faults = RuleChecks.faults(configuration, nodes: nodes) }
        guard faults.isEmpty else { throw FileFaults(faults) }
        return configuration
    }

    package static func changes(from old: RulesConfiguration?, to new: RulesConfiguration) -> [String] {
        SetDifference.lines(
            "rule", from: old?.rules ?? [], to: new.rules, id: \.id,
            title: { "\($0.id) \($0.name) (\($0.severity.title), \($0.words.count) words)" }, detail: differences)
    }

    private static func differences(_ before: RulesConfiguration.Rule, _ after: RulesConfiguration.Rule) -> [String] {
        SetDifference.field("name", before.name, after.name)
            + SetDifference.field("side", before.side.rawValue, after.side.rawValue)
            + SetDifference.field("severity", before.severity.title, after.severity.title)
            + SetDifference.counts("words", before.words, after.words)
            + SetDifference.counts("allow", before.allow, after.allow)
            + SetDifference.counts("robots", before.robots, after.robots)
            + SetDifference.counts("webhooks", before.webhooks, after.webhooks)
            + SetDifference.counts("recipients", before.recipients, after.recipients)
            + (before.scope == after.scope ? [] : ["scope"])
            + SetDifference.field("enabled", before.enabled, after.enabled)
    }

    private static func rule(_ node: FileNode, faults: inout [FileFault]) -> RulesConfiguration.Rule {
        guard let rule = FileMapping(node, allowed: ruleKeys, faults: &faults) else {
            return .init(id: "", name: "", side: .any, severity: .normal, words: [])
        }
        if rule.node("words") == nil { faults.append(rule.fault("words", "is missing")) }
        return .init(
            id: rule.text("id", faults: &faults), name: rule.text("name", faults: &faults),
            side: rule.choice("side", default: .any, faults: &faults), severity: severity(rule, faults: &faults),
            words: rule.texts("words", faults: &faults), allow: rule.texts("allow", faults: &faults),
            scope: scope(rule, faults: &faults), robots: rule.texts("robots", faults: &faults),
            webhooks: rule.texts("webhooks", faults: &faults), recipients: rule.texts("recipients", faults: &faults),
            enabled: rule.boolean("enabled", default: true, faults: &faults))
    }

    private static func severity(_ rule: FileMapping, faults: inout [FileFault]) -> Severity {
        guard let node = rule.node("severity") else { return .normal }
        if let severity = Severity.allCases.first(where: { $0.title == node.text || String($0.rawValue) == node.text })
        {
            return severity
        }
        let names = Severity.allCases.map { "\($0.rawValue) \($0.title)" }.joined(separator: ", ")
        faults.append(FileFault(line: node.line, path: node.path, "must be one of \(names)"))
        return .normal
    }

    private static func scope(_ rule: FileMapping, faults: inout [FileFault]) -> RulesConfiguration.Scope {
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
}
