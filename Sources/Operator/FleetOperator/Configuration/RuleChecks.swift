import Contracts
import SensitiveWords

/// Asks `SensitiveWords` what is wrong with a rule set, and finds the lines.
enum RuleChecks {
    /// - Parameter nodes: the rules as written, in the order of the set.
    static func faults(_ configuration: RulesConfiguration, nodes: [FileNode]) -> [FileFault] {
        RuleSet.validate(configuration).map { fault in
            guard let index = fault.ruleIndex, nodes.indices.contains(index) else {
                return FileFault(line: nil, path: fault.field, fault.message)
            }
            let rule = nodes[index]
            let field = rule.entries?.first { $0.key == fault.field }?.value
            let element = fault.element.flatMap { element in
                field?.items.flatMap { $0.indices.contains(element) ? $0[element] : nil }
            }
            let place = element ?? field ?? rule
            let path = element?.path ?? field?.path ?? "\(rule.path).\(fault.field)"
            return FileFault(line: place.line, path: path, fault.message)
        }
    }
}
