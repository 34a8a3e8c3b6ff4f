/// Value of `config.tag-rules.v1`: what makes a customer of a corp have which tag, as one validated set.
package struct TagRulesConfiguration: Codable, Sendable, Equatable {
    package static let kind = "tag-rules"

    package var corpID: String
    /// Of one group the first that holds is the tag.
    package var tags: [Rule]

    package init(corpID: String, tags: [Rule]) {
        self.corpID = corpID
        self.tags = tags
    }

    package struct Rule: Sendable, Equatable {
        /// `[a-z0-9_-]`, unique in the set.
        package var id: String
        /// As people read it: 高意向.
        package var name: String
        /// Tags of one group exclude each other; `nil` for a tag by itself.
        package var group: String?
        package var enabled: Bool
        /// The customer has the tag while all of them hold.
        package var all: [Condition]

        package init(id: String, name: String, group: String? = nil, enabled: Bool = true, all: [Condition]) {
            self.id = id
            self.name = name
            self.group = group
            self.enabled = enabled
            self.all = all
        }
    }

    package enum Measure: String, Codable, Sendable, Hashable, CaseIterable {
        /// How many events.
        case count
        /// How much money, in 分.
        case sum
        /// There has been an event, and none for as long as `within` says.
        case silence
        /// How many alerts were opened and not closed.
        case open
    }

    package struct Condition: Sendable, Equatable {
        package var measure: Measure
        /// Types of the events that are measured.
        package var types: [String]
        /// Only of these systems; empty for all.
        package var sources: [String]
        /// Only what this side said or what was said about it.
        package var side: Party.Kind?
        /// Only of these sensitive-word rules; empty for all.
        package var rules: [String]
        /// `nil` for `open`, which looks at all time.
        package var within: TagWindow?
        /// Calendar windows: for so many further periods it goes on holding.
        package var grace: Int
        /// Counts: only what came after the last event of these types.
        package var since: [String]
        /// Counts: several events of one SKU are one.
        package var distinctSKU: Bool
        /// Sums: types whose amounts are taken off, where their order was paid.
        package var minus: [String]
        /// Sums: types that make all amounts of their order void.
        package var void: [String]
        /// Open: types that close an alert.
        package var closedBy: [String]
        package var atLeast: Int64?
        package var moreThan: Int64?
        package var atMost: Int64?
        package var lessThan: Int64?

        package init(
            _ measure: Measure, of types: [String], sources: [String] = [], side: Party.Kind? = nil,
            rules: [String] = [], within: TagWindow? = nil, grace: Int = 0, since: [String] = [],
            distinctSKU: Bool = false, minus: [String] = [], void: [String] = [], closedBy: [String] = [],
            atLeast: Int64? = nil, moreThan: Int64? = nil, atMost: Int64? = nil, lessThan: Int64? = nil
        ) {
            self.measure = measure
            self.types = types
            self.sources = sources
            self.side = side
            self.rules = rules
            self.within = within
            self.grace = grace
            self.since = since
            self.distinctSKU = distinctSKU
            self.minus = minus
            self.void = void
            self.closedBy = closedBy
            self.atLeast = atLeast
            self.moreThan = moreThan
            self.atMost = atMost
            self.lessThan = lessThan
        }
    }

    enum CodingKeys: String, CodingKey {
        case corpID = "corp_id"
        case tags
    }
}
