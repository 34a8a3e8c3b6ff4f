package import Contracts

/// One thing wrong with a set of tag rules.
package struct TagRuleFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// Index in the set; `nil` for the set itself.
    package var tag: Int?
    /// Index of the condition; `nil` for the rule itself.
    package var condition: Int?
    /// As it is called in the file.
    package var field: String
    package var problem: String

    package var description: String {
        [tag.map { "tags[\($0)]" }, condition.map { "all[\($0)]" }, field.isEmpty ? nil : field].compactMap(\.self)
            .joined(separator: ".") + ": \(problem)"
    }
}

/// A set with faults: all of them.
package struct InvalidTagRules: Error, CustomStringConvertible {
    package var faults: [TagRuleFault]

    package var description: String { faults.map(\.description).joined(separator: "; ") }
}

extension TagRulesConfiguration {
    package static let maximumTags = 500
    package static let maximumConditions = 16

    /// Every fault of the set.
    package var faults: [TagRuleFault] {
        var faults: [TagRuleFault] = []
        if tags.count > Self.maximumTags {
            faults.append(TagRuleFault(field: "tags", problem: "there may be at most \(Self.maximumTags)"))
        }
        var seen: Set<String> = []
        for (index, rule) in tags.enumerated() {
            func add(_ field: String, _ problem: String) {
                faults.append(TagRuleFault(tag: index, field: field, problem: problem))
            }
            if !Self.isID(rule.id) { add("id", "must have 1 to 64 characters of a-z, 0-9, _ and -") }
            if !seen.insert(rule.id).inserted { add("id", "\(rule.id) is given twice") }
            if !(1...64).contains(rule.name.count) { add("name", "must have 1 to 64 characters") }
            if let group = rule.group, !Self.isID(group) {
                add("group", "must have 1 to 64 characters of a-z, 0-9, _ and -")
            }
            if rule.all.isEmpty { add("all", "must have at least one condition") }
            if rule.all.count > Self.maximumConditions {
                add("all", "may have at most \(Self.maximumConditions) conditions")
            }
            for (place, condition) in rule.all.enumerated() {
                faults += condition.faults.map { field, problem in
                    TagRuleFault(tag: index, condition: place, field: field, problem: problem)
                }
            }
        }
        return faults
    }

    private static func isID(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
                    || $0 == UInt8(ascii: "-")
            }
    }
}

extension TagRulesConfiguration.Condition {
    var faults: [(field: String, problem: String)] {
        var faults: [(String, String)] = []
        if types.isEmpty { faults.append(("types", "must name at least one type of event")) }
        func only(_ measures: Set<TagRulesConfiguration.Measure>, _ field: String, isSet: Bool) {
            guard isSet, !measures.contains(measure) else { return }
            let names = measures.map(\.rawValue).sorted().joined(separator: " or ")
            faults.append((field, "is for \(names), not for \(measure.rawValue)"))
        }
        only([.count, .sum, .silence], "within", isSet: within != nil)
        only([.count], "since", isSet: !since.isEmpty)
        only([.count], "distinct_sku", isSet: distinctSKU)
        only([.sum], "minus", isSet: !minus.isEmpty)
        only([.sum], "void", isSet: !void.isEmpty)
        only([.open], "closed_by", isSet: !closedBy.isEmpty)
        let bounds = [("at_least", atLeast), ("more_than", moreThan), ("at_most", atMost), ("less_than", lessThan)]
        for (name, bound) in bounds { only([.count, .sum, .open], name, isSet: bound != nil) }
        switch measure {
        case .count, .sum:
            if within == nil { faults.append(("within", "is missing: as 7d, 12h, day, week or month")) }
            if bounds.allSatisfy({ $0.1 == nil }) {
                faults.append(("at_least", "give at_least, more_than, at_most or less_than"))
            }
        case .silence:
            if case .rolling = within {} else { faults.append(("within", "must be a length of time, as 30d")) }
        case .open:
            if closedBy.isEmpty { faults.append(("closed_by", "must name the type that closes an alert")) }
        }
        for (name, bound) in bounds {
            if let bound, bound.magnitude > 1_000_000_000_000_000 { faults.append((name, "is too large")) }
        }
        if lower > upper { faults.append(("at_most", "can't hold together with the lower bound")) }
        faults += graceFaults
        return faults
    }

    private var graceFaults: [(String, String)] {
        guard grace != 0 else { return [] }
        guard case .calendar = within else { return [("grace", "is for day, week and month only")] }
        if !(0...12).contains(grace) { return [("grace", "must be from 0 to 12 periods")] }
        if (lower...max(lower, upper)).contains(0) {
            return [("grace", "needs a lower bound above 0: a period in which nothing happened must not hold")]
        }
        return []
    }

    /// The least value for which it holds.
    package var lower: Int64 {
        let bounds = [atLeast, moreThan.map { $0 &+ 1 }].compactMap(\.self)
        return bounds.max() ?? (measure == .open ? 1 : .min)
    }

    /// The greatest value for which it holds.
    package var upper: Int64 { [atMost, lessThan.map { $0 &- 1 }].compactMap(\.self).min() ?? .max }
}
