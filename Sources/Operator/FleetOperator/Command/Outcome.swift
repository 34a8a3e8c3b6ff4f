/// How `scrm` ends. Scripts may rely on these numbers; the top help lists them. Thrown when everything there is to say
/// has been printed already.
package enum Outcome: Int32, Error, Sendable, Hashable {
    case success = 0
    /// Something was tried and failed.
    case failure = 1
    /// The command line, a setting or a file is wrong; nothing was changed.
    case usage = 2
    /// The state waited for was not reached in time (`drain`, `--wait`).
    case notReached = 3
    /// Done, except for some lines or records that are bad.
    case partial = 4
}

/// A failure as the person at the terminal reads it: what is wrong, where, and what to do.
package struct OperatorFailure: Error, Equatable, CustomStringConvertible {
    package var outcome: Outcome
    /// Never holds customer text or a secret.
    package var message: String
    /// What to do about it.
    package var advice: String?

    package init(_ outcome: Outcome = .failure, _ message: String, advice: String? = nil) {
        self.outcome = outcome
        self.message = message
        self.advice = advice
    }

    package var description: String {
        guard let advice else { return message }
        return "\(message)\n\(advice)"
    }
}
