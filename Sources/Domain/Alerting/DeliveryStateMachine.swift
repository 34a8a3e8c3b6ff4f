/// The life of one delivery: one alert on its way to one target.
///
/// | state | means | becomes |
/// | --- | --- | --- |
/// | `pending` | waits for its time (`next_attempt_at`) | `claimed` |
/// | `claimed` | a call may be under way until the claim expires | `delivered`, `failed`, `pending` |
/// | `delivered` | the target confirmed it | final |
/// | `failed` | it can never succeed; the reason says why | final |
///
/// An attempt ends as `delivered`, `refused` (answered, to be repeated), `unsure` (it may have arrived, nobody knows),
/// `not_sent` (nothing left this machine) or `failed`. A delivery that has an `unsure` attempt says 「可能重复」 from
/// then on.
package struct DeliveryStateMachine: Sendable, Equatable {
    package enum State: String, Sendable, Hashable, CaseIterable {
        case pending
        case claimed
        case delivered
        case failed
    }

    package enum AttemptOutcome: String, Sendable, Hashable, CaseIterable {
        case delivered
        case refused
        case unsure
        case notSent = "not_sent"
        case failed
    }

    /// What is to be stored.
    package struct Change: Sendable, Equatable {
        package var state: State
        package var outcome: AttemptOutcome
        /// Pause before the next attempt; only for `pending`.
        package var pause: Duration = .zero
        /// Nothing at all goes to the target during the pause.
        package var pausesTarget = false
        package var mayBeRepeated: Bool
        package var shortened: Bool
        /// A fixed word: why it failed, or what has to be corrected before it can succeed.
        package var reason: String?
    }

    package var state: State
    package var attempts: Int
    package var mayBeRepeated: Bool
    package var shortened: Bool

    package init(state: State, attempts: Int, mayBeRepeated: Bool = false, shortened: Bool = false) {
        self.state = state
        self.attempts = attempts
        self.mayBeRepeated = mayBeRepeated
        self.shortened = shortened
    }

    /// Begins an attempt. `false` when the delivery is not waiting.
    package mutating func claim() -> Bool {
        guard state == .pending else { return false }
        state = .claimed
        attempts += 1
        return true
    }

    /// Ends the attempt with the result of its call. `nil` when there is none under way.
    package mutating func finish(_ result: CallResult, policy: RetryPolicy, jitter: Double) -> Change? {
        guard state == .claimed else { return nil }
        let action = policy.action(for: result, attempt: attempts, shortened: shortened, jitter: jitter)
        return apply(action, sent: result.hasLeft)
    }

    /// Ends the attempt of an owner who vanished: it may have arrived.
    package mutating func expire() -> Change? {
        guard state == .claimed else { return nil }
        return apply(.repeatUnsure(after: .zero), sent: true)
    }

    private mutating func apply(_ action: RetryPolicy.Action, sent: Bool) -> Change {
        var change = Change(
            state: .pending, outcome: sent ? .refused : .notSent, mayBeRepeated: mayBeRepeated, shortened: shortened)
        switch action {
        case .delivered:
            change.state = .delivered
            change.outcome = .delivered
        case .retry(let pause):
            change.pause = pause
        case .repeatUnsure(let pause):
            change.outcome = .unsure
            change.pause = pause
            change.mayBeRepeated = true
        case .awaitConfiguration(let reason, let pause):
            change.pause = pause
            change.reason = reason
        case .waitWindow(let pause):
            change.pause = pause
            change.pausesTarget = true
        case .shorten:
            change.shortened = true
        case .permanent(let reason):
            change.state = .failed
            change.outcome = .failed
            change.reason = reason
        }
        state = change.state
        mayBeRepeated = change.mayBeRepeated
        shortened = change.shortened
        return change
    }
}
