package import Contracts

extension CampaignsConfiguration.Condition {
    /// Under which its last moment is remembered.
    package var signal: String {
        switch self {
        case .event(let type): "event:\(type)"
        case .tagAdded(let tag): "tag_added:\(tag)"
        case .tagRemoved(let tag): "tag_removed:\(tag)"
        }
    }

    package init(_ change: TagChange) {
        self = change.change == .added ? .tagAdded(change.tag) : .tagRemoved(change.tag)
    }
}

extension CampaignsConfiguration.Plan {
    /// Tags without which nothing is sent.
    package var neededTags: Set<String> {
        var tags = Set(requires)
        if case .tagAdded(let tag) = trigger { tags.insert(tag) }
        return tags
    }
}

/// The identity of a touch: one step of one passage of one customer.
package enum TouchID {
    /// Readable, and the same whenever it is made again. The customer's id comes last: it alone may hold a slash.
    package static func text(
        corpID: String, planID: String, stepID: String, occurrence: String, customerID: String
    ) -> String {
        "\(corpID)/\(planID)/\(stepID)/\(occurrence)/\(customerID)"
    }
}
