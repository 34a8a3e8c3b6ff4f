import Campaigns
import Contracts
import Postgres
import WeCom

/// An employee in whose name tasks are made. All of an employee's tasks are made by one lane.
struct Sender: Sendable, Hashable {
    var corpID: String
    var employeeID: String
}

/// One attempt to make a task, and what became of it.
struct MassSendTask: Sendable {
    enum State: String, Sendable {
        case claimed
        case asking
        case created
    }

    var key: String
    var sender: Sender
    var planID: String
    var stepID: String
    var text: String
    var contentHash: String
    var state: State
    /// Milliseconds UTC, by the database's clock.
    var claimedAt: Int64
    /// Nobody can still be making the call after this.
    var expiresAt: Int64
    var msgid: String?
    var asks: Int
    var touches: [TouchRow]

    var customers: [String] { touches.map(\.customerID) }
}

extension MassSend.Content {
    init(_ step: CampaignsConfiguration.Step) {
        self.init(text: step.text, attachments: step.attachments.map(MassSendAttachment.init))
    }
}

extension MassSendAttachment {
    init(_ attachment: CampaignsConfiguration.Attachment) {
        self =
            switch attachment.kind {
            case .image: .image(mediaID: attachment.mediaID, url: attachment.pictureURL)
            case .link:
                .link(
                    title: attachment.title ?? "", url: attachment.url ?? "", description: attachment.description,
                    pictureURL: attachment.pictureURL)
            case .miniprogram:
                .miniprogram(
                    title: attachment.title ?? "", appID: attachment.appID ?? "", page: attachment.page ?? "",
                    pictureMediaID: attachment.mediaID ?? "")
            }
    }
}
