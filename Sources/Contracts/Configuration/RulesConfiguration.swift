/// Value of `config.rules.v1`: the sensitive-word rules of a corp, as one validated set.
package struct RulesConfiguration: Codable, Sendable, Equatable {
    package static let kind = "rules"

    package var corpID: String
    package var rules: [Rule]

    package init(corpID: String, rules: [Rule]) {
        self.corpID = corpID
        self.rules = rules
    }

    package struct Rule: Codable, Sendable, Equatable {
        /// `[a-z0-9_-]`, unique in the set; a hit is unique by (corp, msgid, rule id).
        package var id: String
        /// As managers read it.
        package var name: String
        package var side: Side
        package var severity: Severity
        /// Words and their variants; matched after folding.
        package var words: [String]
        /// Longer words that are innocent although they contain a word of the list.
        package var allow: [String]
        package var scope: Scope
        /// Robots and webhooks of the corp's configuration that hear of a hit.
        package var robots: [String]
        package var webhooks: [String]
        /// Told when no leader can be found.
        package var recipients: [String]
        package var enabled: Bool
        /// Separators (spaces, punctuation, signs) that may stand between two characters of a word, 0 to 8.
        package var gap: Int
        /// Phone numbers, cards and expressions that hit beside the words.
        package var patterns: [Pattern]
        /// Spellings that folding does not reach.
        package var disguises: Disguises
        /// Exceptions from `disguises` for single words, by the word as it stands in `words`.
        package var wordDisguises: [String: Disguises]
        /// What else must be true of the message; `nil` for nothing.
        package var logic: Logic?
        /// Sending one of these is a hit, whatever is written.
        package var acts: [Act]

        package static let defaultGap = 3

        package init(
            id: String, name: String, side: Side, severity: Severity, words: [String], allow: [String] = [],
            scope: Scope = Scope(), robots: [String] = [], webhooks: [String] = [], recipients: [String] = [],
            enabled: Bool = true, gap: Int = Rule.defaultGap, patterns: [Pattern] = [],
            disguises: Disguises = Disguises(), wordDisguises: [String: Disguises] = [:], logic: Logic? = nil,
            acts: [Act] = []
        ) {
            self.id = id
            self.name = name
            self.side = side
            self.severity = severity
            self.words = words
            self.allow = allow
            self.scope = scope
            self.robots = robots
            self.webhooks = webhooks
            self.recipients = recipients
            self.enabled = enabled
            self.gap = gap
            self.patterns = patterns
            self.disguises = disguises
            self.wordDisguises = wordDisguises
            self.logic = logic
            self.acts = acts
        }
    }

    /// Who must have said it.
    package enum Side: String, Codable, Sendable, Hashable, CaseIterable {
        case employee
        case customer
        case any
    }

    /// Where it must have been said.
    package struct Scope: Codable, Sendable, Equatable {
        package enum Audience: String, Codable, Sendable, Hashable, CaseIterable {
            /// Somebody outside the corp takes part.
            case external
            case `internal`
            case any
        }

        package enum ConversationKind: String, Codable, Sendable, Hashable, CaseIterable {
            case single
            case group
            case any
        }

        package var audience: Audience
        package var conversations: ConversationKind
        /// Only conversations of these employees; empty for all.
        package var employees: [String]
        /// Only conversations of employees in these departments or below; empty for all.
        package var departments: [Int]

        package init(
            audience: Audience = .external, conversations: ConversationKind = .any, employees: [String] = [],
            departments: [Int] = []
        ) {
            self.audience = audience
            self.conversations = conversations
            self.employees = employees
            self.departments = departments
        }
    }

    enum CodingKeys: String, CodingKey {
        case corpID = "corp_id"
        case rules
    }
}
