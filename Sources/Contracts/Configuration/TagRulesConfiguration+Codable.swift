// Members are left out where they have their defaults, so that a later member changes no version.

extension TagRulesConfiguration.Rule: Codable {
    private enum CodingKeys: String, CodingKey {
        case id
        case name
        case group
        case enabled
        case all
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try members.decode(String.self, forKey: .id), name: try members.decode(String.self, forKey: .name),
            group: try members.decodeIfPresent(String.self, forKey: .group),
            enabled: try members.decodeIfPresent(Bool.self, forKey: .enabled) ?? true,
            all: try members.decode([TagRulesConfiguration.Condition].self, forKey: .all))
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(id, forKey: .id)
        try members.encode(name, forKey: .name)
        try members.encodeIfPresent(group, forKey: .group)
        if !enabled { try members.encode(enabled, forKey: .enabled) }
        try members.encode(all, forKey: .all)
    }
}

extension TagRulesConfiguration.Condition: Codable {
    private enum CodingKeys: String, CodingKey {
        case measure
        case types
        case sources
        case side
        case rules
        case within
        case grace
        case since
        case distinctSKU = "distinct_sku"
        case minus
        case void
        case closedBy = "closed_by"
        case atLeast = "at_least"
        case moreThan = "more_than"
        case atMost = "at_most"
        case lessThan = "less_than"
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        func texts(_ key: CodingKeys) throws -> [String] {
            try members.decodeIfPresent([String].self, forKey: key) ?? []
        }
        self.init(
            try members.decode(TagRulesConfiguration.Measure.self, forKey: .measure),
            of: try members.decode([String].self, forKey: .types), sources: try texts(.sources),
            side: try members.decodeIfPresent(Party.Kind.self, forKey: .side), rules: try texts(.rules),
            within: try members.decodeIfPresent(TagWindow.self, forKey: .within),
            grace: try members.decodeIfPresent(Int.self, forKey: .grace) ?? 0, since: try texts(.since),
            distinctSKU: try members.decodeIfPresent(Bool.self, forKey: .distinctSKU) ?? false,
            minus: try texts(.minus), void: try texts(.void), closedBy: try texts(.closedBy),
            atLeast: try members.decodeIfPresent(Int64.self, forKey: .atLeast),
            moreThan: try members.decodeIfPresent(Int64.self, forKey: .moreThan),
            atMost: try members.decodeIfPresent(Int64.self, forKey: .atMost),
            lessThan: try members.decodeIfPresent(Int64.self, forKey: .lessThan))
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        func texts(_ texts: [String], _ key: CodingKeys) throws {
            if !texts.isEmpty { try members.encode(texts, forKey: key) }
        }
        try members.encode(measure, forKey: .measure)
        try members.encode(types, forKey: .types)
        try texts(sources, .sources)
        try members.encodeIfPresent(side, forKey: .side)
        try texts(rules, .rules)
        try members.encodeIfPresent(within, forKey: .within)
        if grace != 0 { try members.encode(grace, forKey: .grace) }
        try texts(since, .since)
        if distinctSKU { try members.encode(distinctSKU, forKey: .distinctSKU) }
        try texts(minus, .minus)
        try texts(void, .void)
        try texts(closedBy, .closedBy)
        try members.encodeIfPresent(atLeast, forKey: .atLeast)
        try members.encodeIfPresent(moreThan, forKey: .moreThan)
        try members.encodeIfPresent(atMost, forKey: .atMost)
        try members.encodeIfPresent(lessThan, forKey: .lessThan)
    }
}
