package import Contracts
import Foundation

/// Writes a rule set as the YAML that `scrm rules apply` reads: applying it gives the same version.
package enum RulesText {
    package static func yaml(_ configuration: RulesConfiguration, note: String? = nil) -> String {
        var lines = note.map { ["# \($0)"] } ?? []
        lines.append("corp_id: \(quoted(configuration.corpID))")
        lines.append(configuration.rules.isEmpty ? "rules: []" : "rules:")
        for rule in configuration.rules { lines += self.rule(rule) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Members that have their defaults are left out.
    private static func rule(_ rule: RulesConfiguration.Rule) -> [String] {
        var fields = ["id: \(quoted(rule.id))", "name: \(quoted(rule.name))", "side: \(rule.side.rawValue)"]
        fields.append("severity: \(rule.severity.title)")
        if !rule.enabled { fields.append("enabled: false") }
        if rule.scope != .init() { fields.append("scope: \(scope(rule.scope))") }
        if rule.gap != RulesConfiguration.Rule.defaultGap { fields.append("gap: \(rule.gap)") }
        fields += list("words", rule.words.map(quoted), always: true)
        fields += list("allow", rule.allow.map(quoted))
        fields += list("patterns", rule.patterns.map(pattern))
        if rule.disguises != .init() { fields.append("disguises: \(disguises(rule.disguises))") }
        if !rule.wordDisguises.isEmpty {
            fields.append("word_disguises:")
            fields += rule.wordDisguises.sorted { $0.key < $1.key }.map {
                "  \(quoted($0.key)): \(disguises($0.value))"
            }
        }
        if let logic = rule.logic { fields.append("logic: \(self.logic(logic))") }
        fields += list("acts", rule.acts.map { quoted($0.rawValue) })
        fields += list("robots", rule.robots.map(quoted)) + list("webhooks", rule.webhooks.map(quoted))
        fields += list("recipients", rule.recipients.map(quoted))
        return ["  - \(fields[0])"] + fields.dropFirst().map { "    \($0)" }
    }

    private static func scope(_ scope: RulesConfiguration.Scope) -> String {
        flow([
            ("audience", scope.audience.rawValue), ("conversations", scope.conversations.rawValue),
            ("employees", scope.employees.isEmpty ? nil : flow(scope.employees.map(quoted))),
            ("departments", scope.departments.isEmpty ? nil : flow(scope.departments.map(String.init))),
        ])
    }

    private static func pattern(_ pattern: RulesConfiguration.Pattern) -> String {
        switch pattern {
        case .named(let kind): kind.rawValue
        case .expression(let regex): "{regex: \(quoted(regex))}"
        }
    }

    private static func disguises(_ disguises: RulesConfiguration.Disguises) -> String {
        flow([
            ("components", disguises.components.map(String.init)), ("pinyin", disguises.pinyin.map(String.init)),
            ("initials", disguises.initials.map(String.init)), ("homophones", disguises.homophones.map(String.init)),
            ("lookalikes", disguises.lookalikes.map(String.init)), ("numerals", disguises.numerals.map(String.init)),
        ])
    }

    private static func logic(_ logic: RulesConfiguration.Logic) -> String {
        flow([
            ("all", logic.all.isEmpty ? nil : flow(logic.all.map { flow($0.map(quoted)) })),
            ("none", logic.none.isEmpty ? nil : flow(logic.none.map(quoted))),
            ("within", logic.within.map(String.init)),
            ("at_least", logic.atLeast == 1 ? nil : String(logic.atLeast)),
        ])
    }

    private static func flow(_ items: [String]) -> String { "[\(items.joined(separator: ", "))]" }

    private static func flow(_ members: [(String, String?)]) -> String {
        "{\(members.compactMap { key, value in value.map { "\(key): \($0)" } }.joined(separator: ", "))}"
    }

    /// A list on one line, or in lines of about a hundred characters.
    private static func list(_ key: String, _ items: [String], always: Bool = false) -> [String] {
        guard !items.isEmpty else { return always ? ["\(key): []"] : [] }
        let whole = "\(key): \(flow(items))"
        if whole.count <= 100 { return [whole] }
        var lines = ["\(key): ["]
        var line = ""
        for item in items {
            if !line.isEmpty, line.count + item.count > 100 {
                lines.append("  \(line)")
                line = ""
            }
            line += line.isEmpty ? "\(item)," : " \(item),"
        }
        return lines + ["  \(line)", "]"]
    }

    /// In double quotes, in which everything can be written. What can't be seen is written by its number.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case _ where isVisible(scalar): result.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                let width = scalar.value > 0xFFFF ? 8 : 4
                result += (width == 8 ? "\\U" : "\\u") + String(repeating: "0", count: width - digits.count) + digits
            }
        }
        return result + "\""
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned,
            .nonspacingMark, .enclosingMark:
            false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }
}
