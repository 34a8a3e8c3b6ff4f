import Contracts
import SensitiveWords

/// Asks `SensitiveWords` what is wrong with a rule set, and finds the lines.
enum RuleChecks {
    /// - Parameter nodes: the rules as written, in the order of the set.
    static func faults(_ configuration: RulesConfiguration, nodes: [RuleNodes]) -> [FileFault] {
        RuleSet.validate(configuration).map { fault in
            guard let index = fault.ruleIndex, nodes.indices.contains(index) else {
                return FileFault(line: nil, path: fault.field, fault.message)
            }
            let place = nodes[index].place(field: fault.field, element: fault.element)
            return FileFault(file: place.file, line: place.line, path: place.path, fault.message)
        }
    }
}
