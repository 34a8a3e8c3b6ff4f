extension MessageKind {
    /// Every kind the platform documents, and one spelling of it that was seen beside.
    static let all: [MessageKind] = [
        MessageKind("text", required: "content", mayQuote: true, [("content", .words)]),
        MessageKind("markdown", bodies: ["info", "markdown"], required: "content", [("content", .words)]),
        MessageKind("image", required: "sdkfileid", hasFile: true, file("filesize")),
        MessageKind("voice", required: "sdkfileid", hasFile: true, file("voice_size") + [("play_length", .number)]),
        MessageKind("video", required: "sdkfileid", hasFile: true, file("filesize") + [("play_length", .number)]),
        MessageKind(
            "emotion", required: "sdkfileid", hasFile: true,
            file("imagesize") + [("type", .number), ("width", .number), ("height", .number)]),
        MessageKind(
            "file", required: "filename", hasFile: true, [("filename", .words), ("fileext", .text)] + file("filesize")),
        MessageKind("qydiskfile", bodies: ["info", "qydiskfile"], required: "filename", [("filename", .words)]),
        MessageKind("voip_doc_share", required: "filename", hasFile: true, [("filename", .words)] + file("filesize")),
        MessageKind("meeting_voice_call", bodies: call, hasFile: true, callMembers),
        MessageKind("meetingvoicecall", bodies: call, hasFile: true, callMembers),
        MessageKind(
            "link", required: "title",
            [("title", .words), ("description", .words), ("link_url", .text), ("image_url", .text)]),
        MessageKind(
            "weapp", required: "title",
            [("title", .words), ("description", .words), ("username", .text), ("displayname", .text)]),
        MessageKind(
            "news", bodies: ["info", "news"], required: "item",
            [
                (
                    "item",
                    .list([
                        Member(key: "title", shape: .words), Member(key: "description", shape: .words),
                        Member(key: "url", shape: .text), Member(key: "picurl", shape: .text),
                    ])
                )
            ]),
        MessageKind("mixed", required: "item", [("item", .items)]),
        MessageKind("chatrecord", required: "item", [("title", .words), ("item", .items)]),
        MessageKind(
            "docmsg", bodies: ["doc", "docmsg"], required: "title",
            [("title", .words), ("link_url", .text), ("doc_creator", .text)]),
        MessageKind(
            "meeting", required: "topic",
            [
                ("topic", .words), ("remarks", .words), ("starttime", .number), ("endtime", .number),
                ("address", .text), ("meetingtype", .number), ("meetingid", .number), ("status", .number),
            ]),
        MessageKind(
            "meeting_notification", bodies: ["info", "meeting_notification"],
            [("meeting_id", .number), ("notification_type", .number), ("content", .text)]),
        MessageKind(
            "calendar", required: "title",
            [
                ("title", .words), ("remarks", .words), ("creatorname", .text), ("attendeename", .listOfTexts),
                ("starttime", .number), ("endtime", .number), ("place", .text),
            ]),
        MessageKind("todo", mayBeFlat: true, required: "content", [("title", .words), ("content", .words)]),
        MessageKind(
            "vote", mayBeFlat: true, required: "votetitle",
            [("votetitle", .words), ("voteitem", .listOfWords), ("votetype", .number), ("voteid", .text)]),
        MessageKind(
            "collect", required: "title",
            [
                ("title", .words),
                (
                    "details",
                    .list([
                        Member(key: "ques", shape: .words), Member(key: "id", shape: .number),
                        Member(key: "type", shape: .text),
                    ])
                ), ("room_name", .text), ("creator", .text), ("create_time", .text),
            ]),
        MessageKind("redpacket", redPacket),
        MessageKind("external_redpacket", bodies: ["redpacket", "external_redpacket"], redPacket),
        MessageKind("sphfeed", [("feed_desc", .words), ("feed_type", .number), ("sph_name", .text)]),
        MessageKind(
            "location",
            [
                ("title", .words), ("longitude", .number), ("latitude", .number), ("address", .text), ("zoom", .number),
            ]),
        MessageKind("card", [("corpname", .text), ("userid", .text), ("Userid", .text)]),
        MessageKind("voiptext", bodies: ["info", "voiptext"], [("callduration", .number), ("invitetype", .number)]),
        MessageKind("revoke", required: "pre_msgid", [("pre_msgid", .text)]),
        MessageKind("agree", bodies: ["agree", "disagree"], consent),
        MessageKind("disagree", bodies: ["disagree", "agree"], consent),
    ]

    private static func file(_ size: StaticString) -> [(StaticString, Shape)] {
        [("md5sum", .text), (size, .number), ("sdkfileid", .text)]
    }

    private static let call: [StaticString] = ["meeting_voice_call", "meetingvoicecall"]

    private static let callMembers: [(StaticString, Shape)] = [
        ("endtime", .number), ("sdkfileid", .text),
        (
            "demofiledata",
            .list([
                Member(key: "filename", shape: .text), Member(key: "demooperator", shape: .text),
                Member(key: "starttime", shape: .number), Member(key: "endtime", shape: .number),
            ])
        ),
        (
            "sharescreendata",
            .list([
                Member(key: "share", shape: .text), Member(key: "starttime", shape: .number),
                Member(key: "endtime", shape: .number),
            ])
        ),
    ]

    private static let redPacket: [(StaticString, Shape)] = [
        ("wish", .words), ("type", .number), ("totalcnt", .number), ("totalamount", .number),
    ]

    private static let consent: [(StaticString, Shape)] = [
        ("userid", .text), ("agree_time", .number), ("disagree_time", .number),
    ]
}
