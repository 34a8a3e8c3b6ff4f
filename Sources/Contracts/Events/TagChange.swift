/// Value of `customer.tags.v1`: a customer got a tag or lost it.
package struct TagChange: Codable, Sendable, Equatable {
    package static let eventType = "customer.tag"

    package var corpID: String
    package var customerID: String
    /// Id of the tag, such as `high-intent`.
    package var tag: String
    /// As people read it: 高意向.
    package var name: String
    package var change: Change
    /// Of this (customer, tag): 1 at first, one more with each change.
    package var revision: Int64
    /// The moment the rule became true or stopped being so, milliseconds UTC.
    package var at: Int64
    /// Why, in the rule's terms and without customer text.
    package var reason: String
    /// Version of the tag rules that decided.
    package var ruleVersion: String

    package enum Change: String, Codable, Sendable, Hashable, CaseIterable {
        case added
        case removed
    }

    package init(
        corpID: String, customerID: String, tag: String, name: String, change: Change, revision: Int64, at: Int64,
        reason: String, ruleVersion: String
    ) {
        self.corpID = corpID
        self.customerID = customerID
        self.tag = tag
        self.name = name
        self.change = change
        self.revision = revision
        self.at = at
        self.reason = reason
        self.ruleVersion = ruleVersion
    }

    enum CodingKeys: String, CodingKey {
        case corpID = "corp_id"
        case customerID = "customer_id"
        case tag
        case name
        case change
        case revision
        case at
        case reason
        case ruleVersion = "rule_version"
    }
}
