package import Contracts

/// Where an alert stands, and what an action does to it. Pure.
///
/// | state | means | becomes |
/// | --- | --- | --- |
/// | `open` | nobody has taken it | `acknowledged`, `resolved` |
/// | `acknowledged` | the holder looks after it | `resolved` |
/// | `resolved` | the holder said what came of it | `open`, when reopened |
///
/// The first to acknowledge or to resolve wins. Somebody else may resolve what one has acknowledged: a leader must be able
/// to close what a colleague left. Comments change nothing and are always taken.
package struct AlertLife: Sendable, Equatable {
    /// What was decided about an action.
    package enum Outcome: String, Codable, Sendable, Hashable, CaseIterable {
        case applied
        /// It was so already, by the same person.
        case unchanged
        /// Somebody else had been there before: the holder.
        case tooLate = "too_late"
    }

    package var state: AlertState
    /// 1 when it was opened; one more with each change of the state.
    package var revision: Int
    /// Who acknowledged or resolved it; `nil` while it is open.
    package var holder: String?
    package var result: AlertResult?

    package static let opened = AlertLife(state: .open, revision: 1)

    package init(state: AlertState, revision: Int, holder: String? = nil, result: AlertResult? = nil) {
        self.state = state
        self.revision = revision
        self.holder = holder
        self.result = result
    }

    /// - Parameter action: with `resolve`, it has a result.
    package mutating func act(_ action: AlertAction) -> Outcome {
        switch (action.kind, state) {
        case (.comment, _): return .applied
        case (.acknowledge, .open): change(to: .acknowledged, by: action.actor)
        case (.acknowledge, _): return isHeld(by: action.actor) ? .unchanged : .tooLate
        case (.resolve, .open), (.resolve, .acknowledged):
            change(to: .resolved, by: action.actor, result: action.result)
        case (.resolve, .resolved):
            return isHeld(by: action.actor) && result == action.result ? .unchanged : .tooLate
        case (.reopen, .resolved): change(to: .open, by: nil)
        case (.reopen, .open): return .unchanged
        case (.reopen, .acknowledged): return .tooLate
        }
        return .applied
    }

    private mutating func change(to next: AlertState, by holder: String?, result: AlertResult? = nil) {
        state = next
        revision += 1
        self.holder = holder
        self.result = result
    }

    /// User ids are compared without regard to case, as the platform does.
    private func isHeld(by actor: String) -> Bool { holder?.lowercased() == actor.lowercased() }

    /// What a card says in place of its buttons; people read about ten characters.
    package func cardText(holder: String?) -> String {
        switch state {
        case .open: "已重新打开"
        case .acknowledged: "\(holder ?? "")已认领"
        case .resolved: "\(holder ?? "")：\(result?.title ?? state.title)"
        }
    }
}
