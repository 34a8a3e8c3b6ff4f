/// Something wrong with a rule set as written.
package struct RuleFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// Index into the rules; `nil` for the set as a whole.
    package var ruleIndex: Int?
    /// The rule's id as written, possibly empty or invalid itself.
    package var ruleID: String?
    /// Key in the file: `id`, `name`, `words`, `allow`, `scope`, …
    package var field: String
    /// Index into the list of that key, if it has one: with the rule's index enough to find the line.
    package var element: Int?
    /// What is wrong and what to do, in one sentence.
    package var message: String

    package init(
        ruleIndex: Int? = nil, ruleID: String? = nil, field: String, element: Int? = nil, message: String
    ) {
        self.ruleIndex = ruleIndex
        self.ruleID = ruleID
        self.field = field
        self.element = element
        self.message = message
    }

    package var description: String {
        let rule = ruleIndex.map { "rule \($0 + 1)\(ruleID.map { " (\($0))" } ?? ""): " } ?? ""
        return "\(rule)\(field)\(element.map { "[\($0 + 1)]" } ?? ""): \(message)"
    }
}

/// A rule set that cannot be used, with everything that is wrong with it.
package struct InvalidRules: Error, Sendable, Equatable, CustomStringConvertible {
    package var faults: [RuleFault]

    package init(faults: [RuleFault]) { self.faults = faults }

    package var description: String { faults.map(\.description).joined(separator: "\n") }
}
