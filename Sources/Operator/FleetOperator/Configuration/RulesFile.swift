package import Contracts

/// The file behind `scrm rules apply`: the sensitive-word rules of a corp, with the CSV word lists it names.
///
/// Only the shape is checked here; what makes a good rule (folding, empty words, limits) is `SensitiveWords`' business.
package enum RulesFile: ConfigurationFile {
    package static let kind = RulesConfiguration.kind
    package static let topic = Topics.rules
    package static let users = [Schema.monitor]

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
        try read(text, corpID: corpID, lists: .none)
    }

    package static func read(
        _ text: String, corpID: String?, lists: WordLists
    ) throws(FileFaults) -> RulesConfiguration {
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
        var reading = RuleReading(lists: lists)
        let configuration = RulesConfiguration(
            corpID: corp, rules: nodes.map { reading.rule($0, faults: &faults) })
        if faults.isEmpty { faults = RuleChecks.faults(configuration, nodes: reading.nodes) }
        guard faults.isEmpty else { throw FileFaults(faults) }
        return configuration
    }

    package static func changes(from old: RulesConfiguration?, to new: RulesConfiguration) -> [String] {
        SetDifference.lines(
            "rule", from: old?.rules ?? [], to: new.rules, id: \.id,
            title: { "\($0.id) \($0.name) (\($0.severity.title), \($0.words.count) words)" }, detail: differences)
    }

    static func differences(_ before: RulesConfiguration.Rule, _ after: RulesConfiguration.Rule) -> [String] {
        let disguisesDiffer =
            before.disguises != after.disguises || before.wordDisguises != after.wordDisguises
        let differences: [[String]] = [
            SetDifference.field("name", before.name, after.name),
            SetDifference.field("side", before.side.rawValue, after.side.rawValue),
            SetDifference.field("severity", before.severity.title, after.severity.title),
            SetDifference.counts("words", before.words, after.words),
            SetDifference.counts("allow", before.allow, after.allow),
            SetDifference.field("gap", before.gap, after.gap),
            SetDifference.counts("patterns", before.patterns, after.patterns),
            disguisesDiffer ? ["disguises"] : [],
            before.logic == after.logic ? [] : ["logic"],
            SetDifference.counts("acts", before.acts, after.acts),
            SetDifference.counts("robots", before.robots, after.robots),
            SetDifference.counts("webhooks", before.webhooks, after.webhooks),
            SetDifference.counts("recipients", before.recipients, after.recipients),
            before.scope == after.scope ? [] : ["scope"],
            SetDifference.field("enabled", before.enabled, after.enabled),
        ]
        return differences.flatMap(\.self)
    }
}
