package import Contracts

/// Compares where rules send their alerts with what the corps configuration knows. Pure.
package enum RuleTargets {
    /// Targets that do not exist are faults; what may be meant is a warning.
    ///
    /// - Parameter corps: what the corps topic holds; `nil` for nothing.
    package static func findings(_ rules: RulesConfiguration, corps: CorpsConfiguration?) -> ConfigurationFindings {
        var findings = ConfigurationFindings()
        let enabled = rules.rules.filter(\.enabled)
        let hasApp = corps?.corps.first { $0.id == rules.corpID }?.app != nil
        for rule in enabled where rule.robots.isEmpty && rule.webhooks.isEmpty && !hasApp {
            findings.warnings.append(
                "rule \(rule.id) \(rule.name) has neither robot nor webhook: its hits are recorded and nobody is told")
        }
        guard let corp = corps?.corps.first(where: { $0.id == rules.corpID }) else {
            findings.warnings.append(
                "corp \(rules.corpID) is not in the corps topic: its messages become dead letters and its alerts wait "
                    + "until `scrm corps apply` names it")
            return findings
        }
        for rule in enabled {
            findings.faults += missing("robot", rule.robots, known: corp.robots.map(\.id), rule: rule.id, corp: corp.id)
            findings.faults += missing(
                "webhook", rule.webhooks, known: corp.webhooks.map(\.id), rule: rule.id, corp: corp.id)
        }
        return findings
    }

    private static func missing(
        _ noun: String, _ named: [String], known: [String], rule: String, corp: String
    ) -> [String] {
        named.filter { !known.contains($0) }.map { name in
            "rule \(rule) names the \(noun) \(name), but corp \(corp) has "
                + (known.isEmpty ? "none" : "only \(known.joined(separator: ", "))")
        }
    }
}
