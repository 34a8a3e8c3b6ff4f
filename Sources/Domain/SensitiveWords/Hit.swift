package import Contracts

/// One message breaks one rule.
package struct Hit: Sendable, Equatable {
    /// The rule as it was, with the version of its set.
    package var rule: Alert.Rule
    /// Every match, in order, none inside another; at most ``Judge/maximumSpans``.
    package var spans: [Alert.Span]
    /// The employee whose conversation this is: the sender, or the one the customer wrote to.
    package var employeeID: String?
    /// The customer, when there is exactly one.
    package var customerID: String?

    package init(rule: Alert.Rule, spans: [Alert.Span], employeeID: String?, customerID: String?) {
        self.rule = rule
        self.spans = spans
        self.employeeID = employeeID
        self.customerID = customerID
    }
}
