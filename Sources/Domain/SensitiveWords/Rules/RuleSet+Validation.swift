package import Contracts
import RegularExpressions

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
        package static let gap = 8
        package static let expressions = 1_000
        package static let expressionLength = 500
        /// Words for which homophones or look-alikes are asked for: each has dozens.
        package static let wordsWithVariants = 5_000
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
        let expressions = configuration.rules.reduce(0) { $0 + $1.patterns.count }
        if expressions > Limits.expressions {
            faults.append(
                RuleFault(
                    field: "rules",
                    message: "\(expressions) patterns in all; at most \(Limits.expressions) are possible"))
        }
        let withVariants = configuration.rules.reduce(0) { $0 + $1.wordsWithVariants }
        if withVariants > Limits.wordsWithVariants {
            faults.append(
                RuleFault(
                    field: "rules",
                    message: "homophones or lookalikes are asked for \(withVariants) words; at most "
                        + "\(Limits.wordsWithVariants) are possible"))
        }
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

extension RulesConfiguration.Rule {
    fileprivate var wordsWithVariants: Int {
        words.reduce(0) { count, word in
            let choice = wordDisguises[word] ?? disguises
            return count + (choice.homophones == true || choice.lookalikes == true ? 1 : 0)
        }
    }
}

/// The faults of one rule.
private struct RuleCheck {
    var ruleIndex: Int
    var rule: RulesConfiguration.Rule
    var faults: [RuleFault] = []
    private let folded = FoldedText()

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
        if rule.words.isEmpty && rule.patterns.isEmpty && rule.acts.isEmpty && (rule.logic?.all ?? []).isEmpty {
            fault("words", "is empty; a rule without words, patterns or acts never hits")
        }

        var firstSpelling: [[UInt32]: Int] = [:]
        for (index, word) in rule.words.enumerated() {
            guard let pattern = check(word, "words", index), firstSpelling[pattern] == nil else { continue }
            firstSpelling[pattern] = index
        }
        for (index, word) in rule.allow.enumerated() {
            guard let pattern = check(word, "allow", index), let listed = firstSpelling[pattern] else { continue }
            fault("allow", at: index, "is also word \(listed + 1) of this rule, which could then never hit")
        }
        checkDetection()
        for (field, ids) in [
            ("robots", rule.robots), ("webhooks", rule.webhooks), ("recipients", rule.recipients),
            ("scope.employees", rule.scope.employees),
        ] {
            for (index, id) in ids.enumerated() where id.allSatisfy(\.isWhitespace) {
                fault(field, at: index, "is empty")
            }
        }
    }

    private mutating func checkDetection() {
        if !(0...RuleSet.Limits.gap ~= rule.gap) { fault("gap", "must be 0 to \(RuleSet.Limits.gap)") }
        for (index, pattern) in rule.patterns.enumerated() {
            guard case .expression(let text) = pattern else { continue }
            if text.isEmpty {
                fault("patterns", at: index, "is an empty expression")
            } else if text.utf8.count > RuleSet.Limits.expressionLength {
                fault("patterns", at: index, "is longer than \(RuleSet.Limits.expressionLength) bytes")
            } else if let reason = ExpressionSet.fault(in: text) {
                fault("patterns", at: index, "is no expression RE2 understands: \(reason)")
            }
        }
        for word in rule.wordDisguises.keys.sorted() where !rule.words.contains(word) {
            fault("word_disguises", "names \(word), which is no word of this rule")
        }
        for (index, act) in rule.acts.enumerated() {
            guard case .file(let ending) = act else { continue }
            if ending.contains(where: { $0 == "." || $0.isWhitespace }) {
                fault("acts", at: index, "must be a file name's ending without a dot, such as file:apk")
            }
        }
        guard let logic = rule.logic else { return }
        for (index, words) in logic.all.enumerated() {
            if words.isEmpty { fault("logic.all", at: index, "is empty; no word of it can match") }
            for word in words { _ = check(word, "logic.all", index) }
        }
        for (index, word) in logic.none.enumerated() { _ = check(word, "logic.none", index) }
        if logic.within.map({ $0 < 0 }) ?? false { fault("logic.within", "must be 0 or more") }
        if logic.atLeast < 1 { fault("logic.at_least", "must be 1 or more") }
        if logic.atLeast > 1 && rule.words.isEmpty && rule.patterns.isEmpty {
            fault("logic.at_least", "counts matches of words and patterns, of which there are none")
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
        folded.fold(word, signs: .kept)
        if !folded.scalars.contains(where: Self.isSubstantial) {
            fault(field, at: index, "has nothing left to match once invisible characters and punctuation are set aside")
            return nil
        }
        if folded.scalars.count > RuleSet.Limits.wordLength {
            fault(field, at: index, "is longer than \(RuleSet.Limits.wordLength) characters")
            return nil
        }
        return Array(folded.scalars)
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
