package import Contracts
import TagScoring

/// The file behind `scrm tag-rules apply`: the tag rules of a corp.
package enum TagRulesFile: ConfigurationFile {
    package static let kind = TagRulesConfiguration.kind
    package static let topic = Topics.tagRules
    package static let users = [Schema.tagging]

    private static let ruleKeys = ["id", "name", "group", "enabled", "all"]
    private static let conditionKeys = [
        "measure", "types", "sources", "side", "rules", "within", "grace", "since", "distinct_sku", "minus", "void",
        "closed_by", "at_least", "more_than", "at_most", "less_than",
    ]

    package static func key(of value: TagRulesConfiguration) -> String { "\(value.corpID)/\(kind)" }

    package static func summary(_ value: TagRulesConfiguration) -> String { "tags: \(value.tags.count)" }

    package static func findings(
        _ value: TagRulesConfiguration, corps: CorpsConfiguration?
    ) -> ConfigurationFindings {
        var findings = ConfigurationFindings()
        if corps?.corps.contains(where: { $0.id == value.corpID }) != true {
            findings.warnings.append("corp \(value.corpID) is not in the corps topic")
        }
        return findings
    }

    package static func read(_ text: String, corpID: String?) throws(FileFaults) -> TagRulesConfiguration {
        let root = try FileNode(parsing: text)
        var faults: [FileFault] = []
        guard let file = FileMapping(root, allowed: ["corp_id", "tags"], faults: &faults) else {
            throw FileFaults(faults)
        }
        let corp = Self.corpID(file, option: corpID, faults: &faults)
        if file.node("tags") == nil {
            faults.append(file.fault("tags", "is missing; write `tags: []` for a corp without tags"))
        }
        let nodes = file.list("tags", faults: &faults)
        let configuration = TagRulesConfiguration(corpID: corp, tags: nodes.map { rule($0, faults: &faults) })
        if faults.isEmpty { faults = configuration.faults.map { place($0, nodes) } }
        guard faults.isEmpty else { throw FileFaults(faults) }
        return configuration
    }

    package static func changes(from old: TagRulesConfiguration?, to new: TagRulesConfiguration) -> [String] {
        let lines = SetDifference.lines(
            "tag", from: old?.tags ?? [], to: new.tags, id: \.id, title: { "\($0.id) \($0.name)" },
            detail: { before, after in
                SetDifference.field("name", before.name, after.name)
                    + SetDifference.field("group", before.group ?? "none", after.group ?? "none")
                    + SetDifference.field("enabled", before.enabled, after.enabled)
                    + (before.all == after.all ? [] : ["conditions"])
            })
        // In a group the first that holds wins.
        let isReordered = lines.isEmpty && old != nil && old != new
        return isReordered ? ["~ tags reordered"] : lines
    }

    private static func rule(_ node: FileNode, faults: inout [FileFault]) -> TagRulesConfiguration.Rule {
        guard let rule = FileMapping(node, allowed: ruleKeys, faults: &faults) else {
            return .init(id: "", name: "", all: [])
        }
        return .init(
            id: rule.text("id", faults: &faults), name: rule.text("name", faults: &faults),
            group: rule.node("group") == nil ? nil : rule.text("group", faults: &faults),
            enabled: rule.boolean("enabled", default: true, faults: &faults),
            all: rule.list("all", faults: &faults).map { condition($0, faults: &faults) })
    }

    private static func condition(_ node: FileNode, faults: inout [FileFault]) -> TagRulesConfiguration.Condition {
        guard let mapping = FileMapping(node, allowed: conditionKeys, faults: &faults) else {
            return .init(.count, of: [])
        }
        func number(_ key: String, _ faults: inout [FileFault]) -> Int64? {
            mapping.integer(key, faults: &faults).map(Int64.init)
        }
        if mapping.node("measure") == nil {
            faults.append(mapping.fault("measure", "is missing: count, sum, silence or open"))
        }
        return .init(
            mapping.choice("measure", default: .count, faults: &faults), of: mapping.texts("types", faults: &faults),
            sources: mapping.texts("sources", faults: &faults), side: side(mapping, faults: &faults),
            rules: mapping.texts("rules", faults: &faults), within: window(mapping, faults: &faults),
            grace: mapping.integer("grace", faults: &faults) ?? 0, since: mapping.texts("since", faults: &faults),
            distinctSKU: mapping.boolean("distinct_sku", default: false, faults: &faults),
            minus: mapping.texts("minus", faults: &faults), void: mapping.texts("void", faults: &faults),
            closedBy: mapping.texts("closed_by", faults: &faults), atLeast: number("at_least", &faults),
            moreThan: number("more_than", &faults), atMost: number("at_most", &faults),
            lessThan: number("less_than", &faults))
    }

    private static func side(_ mapping: FileMapping, faults: inout [FileFault]) -> Party.Kind? {
        guard let node = mapping.node("side") else { return nil }
        if let side = node.text.flatMap(Party.Kind.init(rawValue:)) { return side }
        faults.append(mapping.fault("side", "must be customer, employee or robot"))
        return nil
    }

    private static func window(_ mapping: FileMapping, faults: inout [FileFault]) -> TagWindow? {
        guard let node = mapping.node("within") else { return nil }
        if let window = node.text.flatMap(TagWindow.init(rawValue:)) { return window }
        faults.append(
            mapping.fault("within", "must be a length such as 30m, 12h or 7d (at most 400d), or day, week or month"))
        return nil
    }

    /// Where in the file a fault is.
    private static func place(_ fault: TagRuleFault, _ nodes: [FileNode]) -> FileFault {
        guard let tag = fault.tag, nodes.indices.contains(tag) else {
            return FileFault(line: nil, path: fault.field, fault.problem)
        }
        func member(_ key: String, of node: FileNode) -> FileNode? { node.entries?.first { $0.key == key }?.value }
        var node = nodes[tag]
        if let condition = fault.condition, let items = member("all", of: node)?.items,
            items.indices.contains(condition)
        {
            node = items[condition]
        }
        return FileFault(
            line: (member(fault.field, of: node) ?? node).line, path: "\(node.path).\(fault.field)", fault.problem)
    }
}
