package import Contracts

extension RuleSet {
    /// Limits of a rule set.
    package enum Limits {
        package static let rules = 1_000
        /// Words and allowed words of all rules together.
        package static let words = 100_000
        /// Characters of a word after folding.
        package static let wordLength = 64
        package static let idLength = 64
        package static let nameLength = 100
    }

    /// Everything that is wrong with the rules, in order; empty if they can be used.
    ///
    /// Robots and webhooks are named in the corps' configuration and are not looked up here.
    package static func validate(_ configuration: RulesConfiguration) -> [RuleFault] {
        var faults: [RuleFault] = []
        if configuration.corpID.isEmpty {
            faults.append(RuleFault(field: "corp_id", message: "is missing"))
        }
        if configuration.rules.count > Limits.rules {
            faults.append(
                RuleFault(
                    field: "rules", message: "\(configuration.rules.count) rules; at most \(Limits.rules) are possible")
            )
        }
        let words = configuration.rules.reduce(0) { $0 + $1.words.count + $1.allow.count }
        if words > Limits.words {
            faults.append(
                RuleFault(field: "rules", message: "\(words) words in all; at most \(Limits.words) are possible"))
        }
        var firstWithID: [String: Int] = [:]
        for (index, rule) in configuration.rules.enumerated() {
            var check = RuleCheck(ruleIndex: index, rule: rule)
            check.run()
            faults += check.faults
            if let first = firstWithID[rule.id] {
                faults.append(
                    RuleFault(
                        ruleIndex: index, ruleID: rule.id, field: "id",
                        message: "is already the id of rule \(first + 1); ids must be unique"))
            } else {
                firstWithID[rule.id] = index
            }
        }
        return faults
    }
}

/// The faults of one rule.
private struct RuleCheck {
    var ruleIndex: Int
    var rule: RulesConfiguration.Rule
    var faults: [RuleFault] = []
    private var folded = FoldedText()

    init(ruleIndex: Int, rule: RulesConfiguration.Rule) {
        self.ruleIndex = ruleIndex
        self.rule = rule
    }

    mutating func run() {
        checkID()
        if rule.name.allSatisfy(\.isWhitespace) {
            fault("name", "is missing; managers read it in every alert")
        } else if rule.name.count > RuleSet.Limits.nameLength {
            fault("name", "is longer than \(RuleSet.Limits.nameLength) characters")
        }
        if rule.words.isEmpty { fault("words", "is empty; a rule without words never hits") }

        var firstSpelling: [[UInt32]: Int] = [:]
        for (index, word) in rule.words.enumerated() {
            guard let pattern = check(word, "words", index), firstSpelling[pattern] == nil else { continue }
            firstSpelling[pattern] = index
        }
        for (index, word) in rule.allow.enumerated() {
            guard let pattern = check(word, "allow", index), let listed = firstSpelling[pattern] else { continue }
            fault("allow", at: index, "is also word \(listed + 1) of this rule, which could then never hit")
        }
        for (field, ids) in [
            ("robots", rule.robots), ("webhooks", rule.webhooks), ("recipients", rule.recipients),
            ("scope.employees", rule.scope.employees),
        ] {
            for (index, id) in ids.enumerated() where id.allSatisfy(\.isWhitespace) {
                fault(field, at: index, "is empty")
            }
        }
    }

    private mutating func checkID() {
        if rule.id.isEmpty {
            fault("id", "is missing")
        } else if rule.id.utf8.count > RuleSet.Limits.idLength {
            fault("id", "is longer than \(RuleSet.Limits.idLength) characters")
        } else if !rule.id.utf8.allSatisfy(Self.isAllowedInID) {
            fault("id", "may only contain a–z, 0–9, _ and -")
        }
    }

    private static func isAllowedInID(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// - Returns: The folded word, if it can be used.
    private mutating func check(_ word: String, _ field: String, _ index: Int) -> [UInt32]? {
        if word.allSatisfy(\.isWhitespace) {
            fault(field, at: index, "is empty")
            return nil
        }
        if word.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            fault(field, at: index, "contains a control character such as a line break or tab")
            return nil
        }
        folded.fold(word, keeping: .allKept)
        if !folded.scalars.contains(where: Self.isSubstantial) {
            fault(field, at: index, "has nothing left to match once invisible characters and punctuation are set aside")
            return nil
        }
        if folded.scalars.count > RuleSet.Limits.wordLength {
            fault(field, at: index, "is longer than \(RuleSet.Limits.wordLength) characters")
            return nil
        }
        return folded.scalars
    }

    private static func isSubstantial(_ scalar: UInt32) -> Bool {
        switch FoldingTable.shared.kind(ofFolded: scalar) {
        case .other, .letter, .digit, .symbol: true
        case .dropped, .space, .punctuation, .joiner: false
        }
    }

    private mutating func fault(_ field: String, at element: Int? = nil, _ message: String) {
        faults.append(
            RuleFault(
                ruleIndex: ruleIndex, ruleID: rule.id.isEmpty ? nil : rule.id, field: field, element: element,
                message: message))
    }
}
