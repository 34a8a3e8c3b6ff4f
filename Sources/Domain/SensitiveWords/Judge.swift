package import Contracts

/// Judges one message after the other by one rule set.
///
/// Pure apart from buffers that it reuses; make one for each batch and rule set.
package struct Judge {
    /// Matches kept of one rule in one message; a flood of one word is one hit all the same.
    package static let maximumSpans = 64

    private let rules: RuleSet
    private let departments: Departments?
    private let finder = OccurrenceFinder()
    private let buffer = FoldedText()

    /// - Parameter departments: `nil` when the corp's directory is not known.
    package init(rules: RuleSet, departments: Departments?) {
        self.rules = rules
        self.departments = departments
    }

    /// The message has words that can break a rule, or is an act that can.
    ///
    /// Only what the sender wrote is judged: no quotations, nothing from robots, and nothing but messages (a recall has
    /// no words of its own).
    package static func concerns(_ message: ChatMessage) -> Bool {
        message.action == "send" && message.sender.kind != .robot
            && (!(message.text ?? "").isEmpty || message.mayBeAct)
    }

    /// The rules that the message breaks, at most one hit each, in the order of the set.
    package mutating func hits(in message: ChatMessage) -> [Hit] {
        guard Self.concerns(message) else { return [] }
        let text = message.text ?? ""
        finder.find(in: text, using: rules.lexicon)
        let findings = rules.patterns.isEmpty ? [] : rules.patterns.findings(in: text, read: finder, buffer: buffer)
        let mayBeAct = rules.hasActs && message.mayBeAct
        guard !finder.occurrences.isEmpty || !findings.isEmpty || mayBeAct else { return [] }

        var candidates: Set<Int> = []
        for occurrence in finder.occurrences {
            for word in rules.lexicon.words[occurrence.pattern] where word.canHit { candidates.insert(word.rule) }
        }
        for use in rules.patterns.uses where findings.contains(where: { $0.pattern == use.pattern }) {
            candidates.insert(use.rule)
        }
        if mayBeAct {
            for (index, rule) in rules.rules.enumerated() where message.isAct(of: rule.acts) {
                candidates.insert(index)
            }
        }
        var spans = SpanWriter(text: text)
        return candidates.sorted().compactMap { index in
            let rule = rules.rules[index]
            guard rule.covers(message), let employee = employee(in: message, coveredBy: rule) else { return nil }
            let verdict = RuleVerdict(
                rule: index, occurrences: finder.occurrences, findings: findings, rules: rules)
            guard !verdict.matches.isEmpty || message.isAct(of: rule.acts) else { return nil }
            return Hit(
                rule: rule.facts, spans: verdict.matches.prefix(Self.maximumSpans).map { spans.span(of: $0) },
                employeeID: employee.id, customerID: customer(in: message))
        }
    }

    private struct Answerable {
        /// `nil` when no employee takes part.
        var id: String?
    }

    /// Who answers for the conversation: an employee who wrote it; for a customer's words the employee addressed, the
    /// first one in the rule's scope if several are.
    /// - Returns: `nil` when the rule is not about any of them.
    private func employee(in message: ChatMessage, coveredBy rule: CompiledRule) -> Answerable? {
        let employees =
            message.sender.kind == .employee ? [message.sender] : message.recipients.filter { $0.kind == .employee }
        if let covered = employees.first(where: { rule.covers(employee: $0.id, departments: departments) }) {
            return Answerable(id: covered.id)
        }
        return employees.isEmpty && !rule.isLimitedToEmployees ? Answerable(id: nil) : nil
    }

    private func customer(in message: ChatMessage) -> String? {
        if message.sender.kind == .customer { return message.sender.id }
        let customers = message.recipients.filter { $0.kind == .customer }
        return customers.count == 1 ? customers.first?.id : nil
    }
}
