import Contracts

/// Asks `SensitiveWords` what is wrong with a rule set, and finds the lines.
enum RuleChecks {
    static func faults(_ configuration: RulesConfiguration, nodes: [FileNode]) -> [FileFault] {
        []
    }
}
