/// Compares two lists of things that have an id.
package enum SetDifference {
    /// One line per added (`+`), removed (`-`) and changed (`~`) element, in the order of the new list, removed ones
    /// last.
    package static func lines<Element: Equatable>(
        _ noun: String, from old: [Element], to new: [Element], id: (Element) -> String,
        title: (Element) -> String, detail: (Element, Element) -> [String]
    ) -> [String] {
        let before = Dictionary(old.map { (id($0), $0) }, uniquingKeysWith: { first, _ in first })
        let kept = Set(new.map(id))
        var lines: [String] = []
        for element in new {
            if let former = before[id(element)] {
                guard former != element else { continue }
                let details = detail(former, element)
                lines.append(
                    "~ \(noun) \(title(element))" + (details.isEmpty ? "" : ": " + details.joined(separator: ", ")))
            } else {
                lines.append("+ \(noun) \(title(element))")
            }
        }
        for element in old where !kept.contains(id(element)) {
            lines.append("- \(noun) \(title(element))")
        }
        return lines
    }

    /// `words +2 −1`; empty when the lists hold the same.
    package static func counts<Element: Hashable>(_ noun: String, _ old: [Element], _ new: [Element]) -> [String] {
        let (before, after) = (Set(old), Set(new))
        let added = after.subtracting(before).count
        let removed = before.subtracting(after).count
        guard added + removed > 0 else { return old == new ? [] : ["\(noun) reordered"] }
        return [noun + (added > 0 ? " +\(added)" : "") + (removed > 0 ? " −\(removed)" : "")]
    }

    /// `side any → customer`; empty when equal.
    package static func field<Value: Equatable>(_ noun: String, _ old: Value, _ new: Value) -> [String] {
        old == new ? [] : ["\(noun) \(old) → \(new)"]
    }
}
