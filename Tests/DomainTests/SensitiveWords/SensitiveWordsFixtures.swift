import Contracts
import Foundation
import SensitiveWords

/// Files under `Tests/Fixtures/SensitiveWords`, and messages to judge.
enum SensitiveWordsFixtures {
    static let corpID = "ww5a7c0e1f2b3d4c6a"
    static let employee = Party(id: "LinXiaoMan", kind: .employee)
    static let customer = Party(id: "wmR4xTCwAA4CG9QiuWSfaCGxnF5Zcahn", kind: .customer)

    static func data(_ name: String) throws -> Data {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try Data(contentsOf: tests.appending(path: "Fixtures/SensitiveWords").appending(path: name))
    }

    /// The fixture leaves out what has a default in the file format.
    static func corpusRules() throws -> RulesConfiguration {
        struct File: Decodable {
            var corp_id: String
            var rules: [Rule]
        }
        struct Rule: Decodable {
            var id: String
            var name: String
            var side: RulesConfiguration.Side
            var severity: Severity
            var words: [String]?
            var allow: [String]?
            var patterns: [RulesConfiguration.Pattern]?
            var disguises: RulesConfiguration.Disguises?
        }
        let file = try JSONDecoder().decode(File.self, from: data("rules.json"))
        return RulesConfiguration(
            corpID: file.corp_id,
            rules: file.rules.map {
                .init(
                    id: $0.id, name: $0.name, side: $0.side, severity: $0.severity, words: $0.words ?? [],
                    allow: $0.allow ?? [], patterns: $0.patterns ?? [], disguises: $0.disguises ?? .init())
            })
    }

    /// A rule that applies everywhere.
    static func rule(
        _ id: String = "r", words: [String], allow: [String] = [], side: RulesConfiguration.Side = .any,
        scope: RulesConfiguration.Scope = .init(audience: .any), enabled: Bool = true,
        gap: Int = RulesConfiguration.Rule.defaultGap, patterns: [RulesConfiguration.Pattern] = [],
        disguises: RulesConfiguration.Disguises = .init(), logic: RulesConfiguration.Logic? = nil,
        acts: [RulesConfiguration.Act] = []
    ) -> RulesConfiguration.Rule {
        .init(
            id: id, name: id, side: side, severity: .serious, words: words, allow: allow, scope: scope,
            enabled: enabled, gap: gap, patterns: patterns, disguises: disguises, logic: logic, acts: acts)
    }

    static func ruleSet(_ rules: RulesConfiguration.Rule...) throws -> RuleSet {
        try RuleSet(RulesConfiguration(corpID: corpID, rules: rules), version: "v1")
    }

    static func message(
        _ text: String?, from sender: Party = customer, to recipients: [Party] = [employee],
        kind: Conversation.Kind = .single, external: Bool = true, action: String = "send", quoted: String? = nil,
        type: String = "text"
    ) -> ChatMessage {
        ChatMessage(
            corpID: corpID, messageID: "1_1741568405000", filedAt: 1_741_568_405_000, sentAt: 1_741_568_405_000,
            sequence: nil, action: action, messageType: type,
            conversation: Conversation(id: "s:a|b", kind: kind, external: external), sender: sender,
            recipients: recipients, text: text, quotedText: quoted)
    }

    /// Words of the rule set found in a customer's message.
    static func patterns(in text: String, _ rules: RuleSet) -> [String] {
        var judge = Judge(rules: rules, departments: nil)
        return judge.hits(in: message(text)).flatMap(\.spans).map(\.pattern)
    }
}
