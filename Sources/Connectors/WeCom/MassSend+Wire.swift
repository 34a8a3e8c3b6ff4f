// The platform's JSON.

/// An attachment of a task.
package enum MassSendAttachment: Sendable, Equatable, Encodable {
    case image(mediaID: String?, url: String?)
    case link(title: String, url: String, description: String?, pictureURL: String?)
    case miniprogram(title: String, appID: String, page: String, pictureMediaID: String)

    private enum CodingKeys: String, CodingKey { case msgtype, image, link, miniprogram }
    private enum ImageKeys: String, CodingKey {
        case mediaID = "media_id"
        case url = "pic_url"
    }
    private enum LinkKeys: String, CodingKey {
        case title, url
        case description = "desc"
        case pictureURL = "picurl"
    }
    private enum MiniprogramKeys: String, CodingKey {
        case title, page
        case appID = "appid"
        case pictureMediaID = "pic_media_id"
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .image(let mediaID, let url):
            try members.encode("image", forKey: .msgtype)
            var image = members.nestedContainer(keyedBy: ImageKeys.self, forKey: .image)
            try image.encodeIfPresent(mediaID, forKey: .mediaID)
            try image.encodeIfPresent(url, forKey: .url)
        case .link(let title, let url, let description, let pictureURL):
            try members.encode("link", forKey: .msgtype)
            var link = members.nestedContainer(keyedBy: LinkKeys.self, forKey: .link)
            try link.encode(title, forKey: .title)
            try link.encode(url, forKey: .url)
            try link.encodeIfPresent(description, forKey: .description)
            try link.encodeIfPresent(pictureURL, forKey: .pictureURL)
        case .miniprogram(let title, let appID, let page, let pictureMediaID):
            try members.encode("miniprogram", forKey: .msgtype)
            var program = members.nestedContainer(keyedBy: MiniprogramKeys.self, forKey: .miniprogram)
            try program.encode(title, forKey: .title)
            try program.encode(appID, forKey: .appID)
            try program.encode(page, forKey: .page)
            try program.encode(pictureMediaID, forKey: .pictureMediaID)
        }
    }
}

struct CreateBody: Encodable, Sendable {
    struct Text: Encodable, Sendable { var content: String }

    let chatType = "single"
    var customers: [String]
    var sender: String
    let allowSelect = false
    var text: Text?
    var attachments: [MassSendAttachment]

    enum CodingKeys: String, CodingKey {
        case chatType = "chat_type"
        case customers = "external_userid"
        case sender
        case allowSelect = "allow_select"
        case text
        case attachments
    }
}

struct CreateReply: Decodable, Sendable {
    var msgid: String
    var failures: [String]?

    enum CodingKeys: String, CodingKey {
        case msgid
        case failures = "fail_list"
    }
}

/// One page of an answer that comes in pages.
protocol MassSendPage: Decodable, Sendable {
    associatedtype Element: Sendable
    var elements: [Element] { get }
    var nextCursor: String? { get }
}

/// Pages are short: an answer must fit into ``OutboundHTTP/maximumAnswerBytes``.
private enum PageLimit {
    static let tasks = 3
    static let customers = 200
}

struct ListBody: Encodable, Sendable {
    let chatType = "single"
    var from: Int64
    var to: Int64
    var creator: String
    let filterType = 0
    let limit = PageLimit.tasks
    var cursor: String?

    enum CodingKeys: String, CodingKey {
        case chatType = "chat_type"
        case from = "start_time"
        case to = "end_time"
        case creator
        case filterType = "filter_type"
        case limit
        case cursor
    }
}

struct ListReply: MassSendPage {
    struct Entry: Decodable, Sendable {
        struct Text: Decodable, Sendable { var content: String }
        var msgid: String
        var text: Text?
    }

    var entries: [Entry]
    var nextCursor: String?

    var elements: [MassSend.Listed] { entries.map { .init(msgid: $0.msgid, text: $0.text?.content ?? "") } }

    enum CodingKeys: String, CodingKey {
        case entries = "group_msg_list"
        case nextCursor = "next_cursor"
    }
}

struct TaskBody: Encodable, Sendable {
    var msgid: String
    let limit = PageLimit.customers
    var cursor: String?
}

struct TaskReply: MassSendPage {
    struct Entry: Decodable, Sendable {
        var userID: String
        var status: Int

        enum CodingKeys: String, CodingKey {
            case userID = "userid"
            case status
        }
    }

    var elements: [Entry]
    var nextCursor: String?

    enum CodingKeys: String, CodingKey {
        case elements = "task_list"
        case nextCursor = "next_cursor"
    }
}

struct ResultBody: Encodable, Sendable {
    var msgid: String
    var userID: String
    let limit = PageLimit.customers
    var cursor: String?

    enum CodingKeys: String, CodingKey {
        case msgid
        case userID = "userid"
        case limit
        case cursor
    }
}

struct ResultReply: MassSendPage {
    struct Entry: Decodable, Sendable {
        var customerID: String?
        var status: Int
        var sentAt: Int64?

        enum CodingKeys: String, CodingKey {
            case customerID = "external_userid"
            case status
            case sentAt = "send_time"
        }
    }

    var entries: [Entry]
    var nextCursor: String?

    var elements: [MassSend.Result] {
        entries.compactMap { entry in
            let status: MassSend.Result.Status? =
                switch entry.status {
                case 0: .notSent
                case 1: .sent
                case 2: .noFriend
                case 3: .tooMany
                default: nil
                }
            guard let customer = entry.customerID, let status else { return nil }
            return .init(customerID: customer, status: status, sentAt: entry.sentAt)
        }
    }

    enum CodingKeys: String, CodingKey {
        case entries = "send_list"
        case nextCursor = "next_cursor"
    }
}
