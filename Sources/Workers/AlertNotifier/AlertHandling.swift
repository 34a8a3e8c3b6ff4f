package import Alerting

/// What the visitor of a page may do, and what became of what they did.
package struct AlertHandling: Sendable, Equatable {
    package enum Decision: Sendable, Equatable {
        /// Published; its lane has not decided yet.
        case onItsWay
        case decided(AlertLife.Outcome, holder: String?)
    }

    /// The visitor, by name; `nil`: they are asked for it.
    package var actor: String?
    /// For one action; `nil`: the page is only to be read.
    package var token: String?
    /// What became of the action they come from.
    package var decision: Decision?

    package init(actor: String? = nil, token: String? = nil, decision: Decision? = nil) {
        self.actor = actor
        self.token = token
        self.decision = decision
    }
}
