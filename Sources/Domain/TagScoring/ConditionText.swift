import Contracts

/// A condition and how it stands, in words for people: no customer text.
extension TagRulesConfiguration.Condition {
    func text(_ standing: Standing, at now: Int64) -> String {
        let what = types.joined(separator: "+") + (side.map { " by \($0.rawValue)" } ?? "")
        switch measure {
        case .silence:
            guard standing.value > 0 else { return "\(what): never" }
            return standing.holds
                ? "\(what): none for \(window(now))" : "\(what): one within \(window(now))"
        case .open:
            return "\(what) without \(closedBy.joined(separator: "+")): \(standing.value)"
        case .count:
            let after = since.isEmpty ? "" : " since the last \(since.joined(separator: "+"))"
            return "\(what): \(standing.value) in \(window(now))\(after)\(bounds { "\($0)" })"
        case .sum:
            let less = minus.isEmpty ? "" : " less \(minus.joined(separator: "+"))"
            return "\(what)\(less): \(Self.yuan(standing.value)) in \(window(now))\(bounds(Self.yuan))"
        }
    }

    private func window(_ now: Int64) -> String {
        switch within {
        case .calendar(let period):
            let name = BusinessCalendar.name(of: period, number: BusinessCalendar.number(of: period, at: now))
            return name + (grace == 0 ? "" : " or up to \(grace) \(period.rawValue) before")
        case .rolling: return within?.rawValue ?? ""
        case nil: return ""
        }
    }

    private func bounds(_ text: (Int64) -> String) -> String {
        let bounds = [
            ("at least", atLeast), ("more than", moreThan), ("at most", atMost), ("less than", lessThan),
        ].compactMap { name, bound in bound.map { "\(name) \(text($0))" } }
        return bounds.isEmpty ? "" : " (\(bounds.joined(separator: ", ")))"
    }

    /// `2000.01 元`.
    static func yuan(_ fen: Int64) -> String {
        let (yuan, rest) = fen.magnitude.quotientAndRemainder(dividingBy: 100)
        return "\(fen < 0 ? "−" : "")\(yuan).\(rest < 10 ? "0" : "")\(rest) 元"
    }
}
