/// One topic of the fleet: name, shape and who is on either side.
package struct Topic: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, Codable {
        /// Fed from outside; uniqueness is by the ids inside the message.
        case door
        /// Published by a worker beside its transaction, numbered by the offset of the record it came from.
        case derived
        /// Published from a worker's outbox, numbered by the lane.
        case outbox
        /// Compacted configuration, one record per key.
        case configuration
    }

    /// Name with version, without namespace.
    package var name: String
    package var kind: Kind
    /// What the key is.
    package var key: String
    /// The Swift type of the value, or where its format is described.
    package var value: String
    /// Number at creation; workers take the cluster's count afterwards.
    package var partitions: Int32
    /// How long records are kept; `nil` for compacted topics.
    package var retentionHours: Int?
    package var maximumMessageBytes: Int
    package var producers: [String]
    package var consumers: [String]

    /// Settings of the topic in the broker's own words.
    package var brokerConfiguration: [String: String] {
        var settings = ["max.message.bytes": String(maximumMessageBytes)]
        if let retentionHours {
            settings["cleanup.policy"] = "delete"
            settings["retention.ms"] = String(retentionHours * 3_600_000)
        } else {
            settings["cleanup.policy"] = "compact"
        }
        return settings
    }
}

/// The table of topics. Nothing else spells a topic name.
package enum Topics {
    /// One decrypted WeCom message as the platform gives it, plus `seq` and `corp_id`.
    package static let chatRaw = Topic(
        name: "chat.raw.v1", kind: .door, key: "conversation id (recommended)",
        value: "WeCom archive message (JSON) with `corp_id` and `seq`", partitions: 12, retentionHours: 7 * 24,
        maximumMessageBytes: 4_194_304, producers: ["scrm ingest", "your puller"], consumers: [Programs.archiveIngest])

    /// Each message once, as archived.
    package static let chatMessages = Topic(
        name: "chat.messages.v1", kind: .derived, key: "conversation", value: "ChatMessage", partitions: 12,
        retentionHours: 7 * 24, maximumMessageBytes: 8_388_608, producers: [Programs.archiveIngest],
        consumers: [Programs.sensitiveWordMonitor])

    /// What customers do: orders and scans from outside, chat activity from the archive.
    package static let customerEvents = Topic(
        name: "customer.events.v1", kind: .door, key: "customer", value: "CustomerEvent", partitions: 12,
        retentionHours: 30 * 24, maximumMessageBytes: 1_048_576,
        producers: [Programs.archiveIngest, Programs.alertNotifier, "scrm events ingest", "shop systems"],
        consumers: [Programs.tagScorer, Programs.campaignDispatcher])

    /// Alerts raised by the monitor, hit message included, and what follows them in their conversation (event type
    /// `alert.context`, value ``AlertContext``).
    package static let alerts = Topic(
        name: "alerts.v1", kind: .outbox, key: "conversation", value: "Alert", partitions: 12,
        retentionHours: 30 * 24, maximumMessageBytes: 8_388_608,
        producers: [Programs.sensitiveWordMonitor, "scrm alerts test"], consumers: [Programs.alertNotifier])

    /// What people do about alerts.
    package static let alertActions = Topic(
        name: "alert.actions.v1", kind: .door, key: "conversation", value: "AlertAction", partitions: 12,
        retentionHours: 30 * 24, maximumMessageBytes: 1_048_576,
        producers: [Programs.alertNotifier, "scrm alerts"], consumers: [Programs.alertNotifier])

    /// Each change of an alert's state.
    package static let alertStates = Topic(
        name: "alert.states.v1", kind: .outbox, key: "conversation", value: "AlertStateChange", partitions: 12,
        retentionHours: 30 * 24, maximumMessageBytes: 1_048_576, producers: [Programs.alertNotifier], consumers: [])

    /// Tags that customers get and lose.
    package static let customerTags = Topic(
        name: "customer.tags.v1", kind: .outbox, key: "customer", value: "TagChange", partitions: 12,
        retentionHours: 30 * 24, maximumMessageBytes: 1_048_576, producers: [Programs.tagScorer],
        consumers: [Programs.campaignDispatcher])

    /// What became of each step of a plan for each customer.
    package static let campaignTouches = Topic(
        name: "campaign.touches.v1", kind: .outbox, key: "customer", value: "Touch", partitions: 12,
        retentionHours: 30 * 24, maximumMessageBytes: 1_048_576, producers: [Programs.campaignDispatcher],
        consumers: [])

    package static let corps = configuration(
        "config.corps.v1", value: "CorpsConfiguration",
        consumers: [
            Programs.archiveIngest, Programs.sensitiveWordMonitor, Programs.alertNotifier, Programs.campaignDispatcher,
        ])
    package static let rules = configuration("config.rules.v1", value: "RulesConfiguration")
    package static let directory = configuration("config.directory.v1", value: "DirectoryConfiguration")
    package static let tagRules = configuration(
        "config.tag-rules.v1", value: "TagRulesConfiguration", consumers: [Programs.tagScorer])
    package static let campaigns = configuration(
        "config.campaigns.v1", value: "CampaignsConfiguration", consumers: [Programs.campaignDispatcher])

    package static let all: [Topic] = [
        chatRaw, chatMessages, customerEvents, alerts, alertActions, alertStates, customerTags, campaignTouches, corps,
        rules, directory, tagRules, campaigns,
    ]

    /// Record topics that a worker publishes to.
    package static func published(by program: String) -> [Topic] {
        all.filter { $0.kind != .configuration && $0.producers.contains(program) }
    }

    private static func configuration(
        _ name: String, value: String,
        consumers: [String] = [Programs.archiveIngest, Programs.sensitiveWordMonitor, Programs.alertNotifier]
    ) -> Topic {
        Topic(
            name: name, kind: .configuration, key: "corp/kind", value: value, partitions: 1, retentionHours: nil,
            maximumMessageBytes: 16_777_216, producers: ["scrm"], consumers: consumers)
    }
}
