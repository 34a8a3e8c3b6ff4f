// Members that were added later are left out where they have their defaults, and may be missing when read: records of
// older versions stay readable, and their bytes, hence their version, stay the same.

extension RulesConfiguration.Rule {
    enum CodingKeys: String, CodingKey {
        case id
        case name
        case side
        case severity
        case words
        case allow
        case scope
        case robots
        case webhooks
        case recipients
        case enabled
        case gap
        case patterns
        case disguises
        case wordDisguises = "word_disguises"
        case logic
        case acts
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try members.decode(String.self, forKey: .id),
            name: try members.decode(String.self, forKey: .name),
            side: try members.decode(RulesConfiguration.Side.self, forKey: .side),
            severity: try members.decode(Severity.self, forKey: .severity),
            words: try members.decode([String].self, forKey: .words),
            allow: try members.decode([String].self, forKey: .allow),
            scope: try members.decode(RulesConfiguration.Scope.self, forKey: .scope),
            robots: try members.decode([String].self, forKey: .robots),
            webhooks: try members.decode([String].self, forKey: .webhooks),
            recipients: try members.decode([String].self, forKey: .recipients),
            enabled: try members.decode(Bool.self, forKey: .enabled),
            gap: try members.decodeIfPresent(Int.self, forKey: .gap) ?? Self.defaultGap,
            patterns: try members.decodeIfPresent([RulesConfiguration.Pattern].self, forKey: .patterns) ?? [],
            disguises: try members.decodeIfPresent(RulesConfiguration.Disguises.self, forKey: .disguises) ?? .init(),
            wordDisguises: try members.decodeIfPresent(
                [String: RulesConfiguration.Disguises].self, forKey: .wordDisguises) ?? [:],
            logic: try members.decodeIfPresent(RulesConfiguration.Logic.self, forKey: .logic),
            acts: try members.decodeIfPresent([RulesConfiguration.Act].self, forKey: .acts) ?? [])
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(id, forKey: .id)
        try members.encode(name, forKey: .name)
        try members.encode(side, forKey: .side)
        try members.encode(severity, forKey: .severity)
        try members.encode(words, forKey: .words)
        try members.encode(allow, forKey: .allow)
        try members.encode(scope, forKey: .scope)
        try members.encode(robots, forKey: .robots)
        try members.encode(webhooks, forKey: .webhooks)
        try members.encode(recipients, forKey: .recipients)
        try members.encode(enabled, forKey: .enabled)
        if gap != Self.defaultGap { try members.encode(gap, forKey: .gap) }
        if !patterns.isEmpty { try members.encode(patterns, forKey: .patterns) }
        if disguises != .init() { try members.encode(disguises, forKey: .disguises) }
        if !wordDisguises.isEmpty { try members.encode(wordDisguises, forKey: .wordDisguises) }
        try members.encodeIfPresent(logic, forKey: .logic)
        if !acts.isEmpty { try members.encode(acts, forKey: .acts) }
    }
}

extension RulesConfiguration.Logic {
    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            all: try members.decodeIfPresent([[String]].self, forKey: .all) ?? [],
            none: try members.decodeIfPresent([String].self, forKey: .none) ?? [],
            within: try members.decodeIfPresent(Int.self, forKey: .within),
            atLeast: try members.decodeIfPresent(Int.self, forKey: .atLeast) ?? 1)
    }
}

extension RulesConfiguration.Pattern: Codable {
    private enum CodingKeys: String, CodingKey { case regex }

    package init(from decoder: any Decoder) throws {
        if let kind = try? RulesConfiguration.PatternKind(from: decoder) {  // else it is an object, or an error below
            self = .named(kind)
        } else {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            self = .expression(try members.decode(String.self, forKey: .regex))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .named(let kind): try kind.encode(to: encoder)
        case .expression(let regex):
            var members = encoder.container(keyedBy: CodingKeys.self)
            try members.encode(regex, forKey: .regex)
        }
    }
}

extension RulesConfiguration.Act: RawRepresentable, Codable {
    private static let filePrefix = "file:"

    package init?(rawValue: String) {
        switch rawValue {
        case "card": self = .card
        case "red-packet": self = .redPacket
        default:
            let ending = rawValue.dropFirst(Self.filePrefix.count)
            guard rawValue.hasPrefix(Self.filePrefix), !ending.isEmpty else { return nil }
            self = .file(ending.lowercased())
        }
    }

    package var rawValue: String {
        switch self {
        case .card: "card"
        case .redPacket: "red-packet"
        case .file(let ending): Self.filePrefix + ending
        }
    }
}
