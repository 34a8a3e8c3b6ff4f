/// The life of one touch.
///
/// | state | means | becomes |
/// | --- | --- | --- |
/// | `planned` | waits for its time, or for a guard to let it pass | `ready`, `refused` |
/// | `ready` | every guard has let it pass; waits for its employee's lane | `claimed`, `planned`, `refused` |
/// | `claimed` | a call may be under way, or was and nobody knows how it ended | `created`, `planned`, `failed`, `unsure` |
/// | `created` | the task exists; the employee has to confirm it | `reached`, `failed` |
/// | `reached`, `refused`, `failed`, `unsure` | final | |
///
/// A claimed touch goes back to `planned` only after an answer that says that no task was made, or when nothing left
/// this machine. A call without an answer is never made again.
package enum TouchState: String, Sendable, Hashable, CaseIterable {
    case planned
    case ready
    case claimed
    case created
    case reached
    case refused
    case failed
    case unsure

    package var isFinal: Bool { [.reached, .refused, .failed, .unsure].contains(self) }

    package func canBecome(_ next: TouchState) -> Bool {
        switch self {
        case .planned: [.ready, .refused].contains(next)
        case .ready: [.claimed, .planned, .refused].contains(next)
        case .claimed: [.created, .planned, .failed, .unsure].contains(next)
        case .created: [.reached, .failed].contains(next)
        case .reached, .refused, .failed, .unsure: false
        }
    }

    /// States in which a customer got something, or may have, or is about to: they count against the caps.
    package static let counted: [TouchState] = [.ready, .claimed, .created, .reached, .unsure]
}

/// How a call that creates a task ended, and what follows for its touches. One table for the platform's codes.
package enum TaskOutcome: Sendable, Equatable {
    /// The platform's id of the task, and customers it could not take.
    case created(taskID: String, unreachable: [String])
    /// No task was made; the guards judge again after the pause.
    case returned(reason: String, pause: Duration)
    /// No task was made, and none ever will be.
    case failed(reason: String)
    /// Nobody knows: the platform has to be asked.
    case unknown

    /// Nothing left this machine: the claim's time was over, or no connection could be made.
    package static func notSent(_ reason: String) -> TaskOutcome { .returned(reason: reason, pause: .seconds(5)) }

    /// What the platform's refusal means. A code that says nothing of the call's effect is not among them.
    package init(code: Int) {
        self =
            switch code {
            case -1, 6000, 45033: .returned(reason: "platform_busy", pause: .seconds(10))
            case 40014, 42001, 41001: .returned(reason: "access_token", pause: .seconds(5))
            case 45009: .returned(reason: "platform_limit", pause: .seconds(60))
            case 40001, 40013, 48002, 60011, 60020, 60021, 301002, 301042:
                .returned(reason: "not_allowed", pause: .seconds(600))
            case 41048, 84061, 40096, 41035: .failed(reason: "unreachable")
            case 40003, 60111, 41054: .failed(reason: "employee_gone")
            case 40201, 40204: .failed(reason: "refused_as_spam")
            case 40007, 41064, 41065: .failed(reason: "attachment")
            default: .failed(reason: "platform_code")
            }
    }
}
