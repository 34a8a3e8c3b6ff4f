/// What differs from the oracle. Each entry names the place and an invented id.
package struct Findings: Sendable, Equatable, CustomStringConvertible {
    package var lost: [String] = []
    package var duplicated: [String] = []
    package var outOfOrder: [String] = []
    /// Whatever else must not be: another content, something nobody sent, a number left out.
    package var wrong: [String] = []

    package init() {}

    package static let none = Findings()

    /// Compares what is there with what must be, both in order.
    package init(_ place: String, expected: [String], actual: [String]) {
        let wanted = Set(expected)
        var seen: Set<String> = []
        var once: [String] = []
        for id in actual {
            if !wanted.contains(id) {
                wrong.append("\(place): \(id) was never sent")
            } else if seen.insert(id).inserted {
                once.append(id)
            } else {
                duplicated.append("\(place): \(id)")
            }
        }
        lost = expected.filter { !seen.contains($0) }.map { "\(place): \($0)" }
        if once != expected.filter(seen.contains) { outOfOrder = [place] }
    }

    package static func += (left: inout Findings, right: Findings) {
        left.lost += right.lost
        left.duplicated += right.duplicated
        left.outOfOrder += right.outOfOrder
        left.wrong += right.wrong
    }

    /// The number of each, with the first few.
    package var description: String {
        [("lost", lost), ("duplicated", duplicated), ("out of order", outOfOrder), ("wrong", wrong)]
            .filter { !$0.1.isEmpty }
            .map { "\($0.1.count) \($0.0): \($0.1.prefix(5).joined(separator: "; "))" }
            .joined(separator: "\n")
    }
}
