extension CampaignsConfiguration {
    /// Whom to write to, what, when, and when to stop.
    package struct Plan: Codable, Sendable, Equatable {
        /// `[a-z0-9_-]`, unique in the set.
        package var id: String
        /// As marketers read it.
        package var name: String
        /// No customer enters and nothing is sent.
        package var paused: Bool
        /// Of touches due at the same time for one customer, the plan with the higher number has the slot. 0 to 100.
        package var priority: Int
        /// What makes a customer enter: an event or a tag that is added.
        package var trigger: Condition
        /// Which day is day 1 of steps that have a day; `nil` when none has.
        package var dayOne: DayOne?
        /// Tags a customer must have when a step is sent. The trigger's own tag is one of them.
        package var requires: [String]
        /// Any of these ends the customer's passage.
        package var endsOn: [Condition]
        package var steps: [Step]

        package static let defaultPriority = 50

        package init(
            id: String, name: String, paused: Bool = false, priority: Int = Plan.defaultPriority, trigger: Condition,
            dayOne: DayOne? = nil, requires: [String] = [], endsOn: [Condition] = [], steps: [Step]
        ) {
            self.id = id
            self.name = name
            self.paused = paused
            self.priority = priority
            self.trigger = trigger
            self.dayOne = dayOne
            self.requires = requires
            self.endsOn = endsOn
            self.steps = steps
        }

        enum CodingKeys: String, CodingKey {
            case id
            case name
            case paused
            case priority
            case trigger
            case dayOne = "day_one"
            case requires
            case endsOn = "ends_on"
            case steps
        }
    }

    package enum DayOne: String, Codable, Sendable, Hashable, CaseIterable {
        /// The day of the trigger.
        case anchorDay = "anchor-day"
        /// The day after.
        case nextDay = "next-day"
    }

    /// Something that happens to a customer. One member: `event`, `tag_added` or `tag_removed`.
    package enum Condition: Codable, Sendable, Hashable {
        /// A type of ``CustomerEvent``.
        case event(String)
        case tagAdded(String)
        case tagRemoved(String)

        private enum CodingKeys: String, CodingKey {
            case event
            case tagAdded = "tag_added"
            case tagRemoved = "tag_removed"
        }

        package init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            if let type = try members.decodeIfPresent(String.self, forKey: .event) {
                self = .event(type)
            } else if let tag = try members.decodeIfPresent(String.self, forKey: .tagAdded) {
                self = .tagAdded(tag)
            } else {
                self = .tagRemoved(try members.decode(String.self, forKey: .tagRemoved))
            }
        }

        package func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: CodingKeys.self)
            switch self {
            case .event(let type): try members.encode(type, forKey: .event)
            case .tagAdded(let tag): try members.encode(tag, forKey: .tagAdded)
            case .tagRemoved(let tag): try members.encode(tag, forKey: .tagRemoved)
            }
        }
    }

    package struct Step: Codable, Sendable, Equatable {
        /// `[a-z0-9_-]`, unique in the plan.
        package var id: String
        package var moment: Moment
        /// At most 4,000 bytes of UTF-8; may be empty if there are attachments.
        package var text: String
        /// At most nine.
        package var attachments: [Attachment]
        /// Minutes after its moment in which it may still be sent.
        package var validMinutes: Int

        package static let defaultValidMinutes = 24 * 60

        package init(
            id: String, moment: Moment, text: String, attachments: [Attachment] = [],
            validMinutes: Int = Step.defaultValidMinutes
        ) {
            self.id = id
            self.moment = moment
            self.text = text
            self.attachments = attachments
            self.validMinutes = validMinutes
        }

        enum CodingKeys: String, CodingKey {
            case id
            case moment
            case text
            case attachments
            case validMinutes = "valid_minutes"
        }
    }

    /// When a step is due, counted from the trigger.
    package enum Moment: Codable, Sendable, Hashable {
        case after(minutes: Int)
        /// Day 1 is what the plan's ``Plan/dayOne`` says.
        case day(Int, at: TimeOfDay)

        private enum CodingKeys: String, CodingKey {
            case afterMinutes = "after_minutes"
            case day
            case at
        }

        package init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            if let minutes = try members.decodeIfPresent(Int.self, forKey: .afterMinutes) {
                self = .after(minutes: minutes)
            } else {
                self = .day(
                    try members.decode(Int.self, forKey: .day), at: try members.decode(TimeOfDay.self, forKey: .at))
            }
        }

        package func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: CodingKeys.self)
            switch self {
            case .after(let minutes): try members.encode(minutes, forKey: .afterMinutes)
            case .day(let number, let time):
                try members.encode(number, forKey: .day)
                try members.encode(time, forKey: .at)
            }
        }
    }

    /// What comes with a step's text.
    package struct Attachment: Codable, Sendable, Hashable {
        package enum Kind: String, Codable, Sendable, Hashable, CaseIterable {
            case image
            case link
            case miniprogram
        }

        package var kind: Kind
        package var title: String?
        /// Of a link.
        package var url: String?
        /// Of a link.
        package var description: String?
        /// Address of a picture: of an image, or beside a link.
        package var pictureURL: String?
        /// Material uploaded before, in place of an image's address; the picture of a mini-program.
        package var mediaID: String?
        /// Of a mini-program.
        package var appID: String?
        package var page: String?

        package init(
            kind: Kind, title: String? = nil, url: String? = nil, description: String? = nil,
            pictureURL: String? = nil, mediaID: String? = nil, appID: String? = nil, page: String? = nil
        ) {
            self.kind = kind
            self.title = title
            self.url = url
            self.description = description
            self.pictureURL = pictureURL
            self.mediaID = mediaID
            self.appID = appID
            self.page = page
        }

        enum CodingKeys: String, CodingKey {
            case kind
            case title
            case url
            case description
            case pictureURL = "picture_url"
            case mediaID = "media_id"
            case appID = "app_id"
            case page
        }
    }
}
