import Contracts

/// A rule as the judge reads it.
struct CompiledRule: Sendable {
    /// What an alert says about the rule.
    var facts: Alert.Rule
    var side: RulesConfiguration.Side
    var audience: RulesConfiguration.Scope.Audience
    var conversations: RulesConfiguration.Scope.ConversationKind
    /// Lower-cased; empty for all.
    var employees: Set<String>
    var departments: Set<Int>
    /// Separators between the characters of a word.
    var gap: Int
    var logic: RulesConfiguration.Logic?
    var acts: Set<RulesConfiguration.Act>
    /// A match of these is needed, beside what `logic` asks for.
    var hasWordsOrPatterns: Bool
    /// Indices into the patterns of the set.
    var patterns: Set<Int>

    init(_ rule: RulesConfiguration.Rule, version: String, patterns: Set<Int>) {
        facts = Alert.Rule(
            id: rule.id, name: rule.name, severity: rule.severity, version: version, robots: rule.robots,
            webhooks: rule.webhooks, recipients: rule.recipients)
        side = rule.side
        audience = rule.scope.audience
        conversations = rule.scope.conversations
        employees = Set(rule.scope.employees.map { $0.lowercased() })
        departments = Set(rule.scope.departments)
        gap = rule.gap
        logic = rule.logic
        acts = Set(rule.acts)
        hasWordsOrPatterns = !rule.words.isEmpty || !rule.patterns.isEmpty
        self.patterns = patterns
    }

    /// Who said it and where fits the rule; employees and departments are looked at separately.
    func covers(_ message: ChatMessage) -> Bool {
        switch (side, message.sender.kind) {
        case (_, .robot), (.employee, .customer), (.customer, .employee): return false
        case (.any, _), (.employee, .employee), (.customer, .customer): break
        }
        switch audience {
        case .external where !message.conversation.external: return false
        case .internal where message.conversation.external: return false
        case .external, .internal, .any: break
        }
        switch conversations {
        case .any: return true
        case .single: return message.conversation.kind == .single
        case .group: return message.conversation.kind != .single
        }
    }

    /// The employee answers for conversations this rule is about.
    ///
    /// Without a directory nobody can tell who works where: the rule then holds for all, since an alert too many is
    /// better than one lost.
    func covers(employee: String, departments directory: Departments?) -> Bool {
        if !employees.isEmpty && !employees.contains(employee.lowercased()) { return false }
        guard !departments.isEmpty, let directory else { return true }
        return directory.isEmployee(employee, inOrBelow: departments)
    }

    var isLimitedToEmployees: Bool { !employees.isEmpty || !departments.isEmpty }
}
