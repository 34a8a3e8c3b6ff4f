/// Where a kind of message keeps its body, and which of its words are text that keyword workers may read.
///
/// A class, though a value by nature: it is looked up for each message, and copying its arrays would cost more than the
/// look-up.
final class MessageKind: Sendable {
    /// Keys of the envelope under which the body may stand, the usual one first.
    let bodies: [StaticString]
    /// The members may also stand beside the envelope's.
    let mayBeFlat: Bool
    /// Without it the body is not what it should be.
    let required: StaticString?
    /// Members whose text is read, in this order.
    let fields: [StaticString]
    /// An array of objects (or of strings, without fields) whose text is read after the fields.
    let list: (key: StaticString, fields: [StaticString])?
    /// An array of items that are messages themselves.
    let items: StaticString?
    /// The words are other people's, passed on.
    let isForward: Bool

    private init(
        bodies: [StaticString], mayBeFlat: Bool = false, required: StaticString? = nil, fields: [StaticString] = [],
        list: (key: StaticString, fields: [StaticString])? = nil, items: StaticString? = nil, isForward: Bool = false
    ) {
        self.bodies = bodies
        self.mayBeFlat = mayBeFlat
        self.required = required
        self.fields = fields
        self.list = list
        self.items = items
        self.isForward = isForward
    }

    /// `nil` for kinds we do not know, which are archived all the same.
    static func named(_ msgtype: String) -> MessageKind? { table[msgtype] }

    /// The kind of an item inside a mixed message (`text`) or a forwarded record (`ChatRecordText`, `chatrecord`).
    static func ofItem(_ type: String) -> MessageKind? {
        let prefix = "ChatRecord"
        return named(type.hasPrefix(prefix) ? type.dropFirst(prefix.utf8.count).lowercased() : type)
    }

    private static let table: [String: MessageKind] = [
        "text": MessageKind(bodies: ["text"], required: "content", fields: ["content"]),
        "markdown": MessageKind(bodies: ["info", "markdown"], required: "content", fields: ["content"]),
        "link": MessageKind(bodies: ["link"], required: "title", fields: ["title", "description"]),
        "weapp": MessageKind(bodies: ["weapp"], required: "title", fields: ["title", "description"]),
        "file": MessageKind(bodies: ["file"], required: "filename", fields: ["filename"]),
        "qydiskfile": MessageKind(bodies: ["info", "qydiskfile"], required: "filename", fields: ["filename"]),
        "voip_doc_share": MessageKind(bodies: ["voip_doc_share"], required: "filename", fields: ["filename"]),
        "news": MessageKind(bodies: ["info", "news"], required: "item", list: ("item", ["title", "description"])),
        "mixed": MessageKind(bodies: ["mixed"], required: "item", items: "item"),
        "chatrecord": MessageKind(
            bodies: ["chatrecord"], required: "item", fields: ["title"], items: "item", isForward: true),
        "docmsg": MessageKind(bodies: ["doc", "docmsg"], required: "title", fields: ["title"]),
        "meeting": MessageKind(bodies: ["meeting"], required: "topic", fields: ["topic", "remarks"]),
        "calendar": MessageKind(bodies: ["calendar"], required: "title", fields: ["title", "remarks"]),
        "todo": MessageKind(bodies: ["todo"], mayBeFlat: true, required: "content", fields: ["title", "content"]),
        "vote": MessageKind(
            bodies: ["vote"], mayBeFlat: true, required: "votetitle", fields: ["votetitle"], list: ("voteitem", [])),
        "collect": MessageKind(
            bodies: ["collect"], required: "title", fields: ["title"], list: ("details", ["ques"])),
        "redpacket": MessageKind(bodies: ["redpacket"], fields: ["wish"]),
        "external_redpacket": MessageKind(bodies: ["redpacket", "external_redpacket"], fields: ["wish"]),
        "sphfeed": MessageKind(bodies: ["sphfeed"], fields: ["feed_desc"]),
        "location": MessageKind(bodies: ["location"], fields: ["title"]),
        "image": MessageKind(bodies: ["image"], required: "sdkfileid"),
        "voice": MessageKind(bodies: ["voice"], required: "sdkfileid"),
        "video": MessageKind(bodies: ["video"], required: "sdkfileid"),
        "emotion": MessageKind(bodies: ["emotion"], required: "sdkfileid"),
        "card": MessageKind(bodies: ["card"]),
        "revoke": MessageKind(bodies: ["revoke"], required: "pre_msgid"),
        "agree": MessageKind(bodies: ["agree", "disagree"]),
        "disagree": MessageKind(bodies: ["disagree", "agree"]),
        "meeting_voice_call": MessageKind(bodies: ["meeting_voice_call", "meetingvoicecall"]),
        "meeting_notification": MessageKind(bodies: ["info", "meeting_notification"]),
        "voiptext": MessageKind(bodies: ["info", "voiptext"]),
    ]
}
