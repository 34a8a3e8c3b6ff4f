import ConversationArchive
import Testing

struct BodyFieldTests {
    @Test(arguments: [
        (
            #"{"msgtype":"link","link":{"title":"A","link_url":"https://b","x":7,"n":null,"y":true}}"#,
            ["title=A", "link_url=https://b", "x=7", "y=true"]
        ),
        // Beside the envelope's members: only those of the kind.
        (
            #"{"msgid":"1","msgtype":"vote","votetitle":"午饭","voteitem":["面","饭"],"votetype":101}"#,
            ["votetitle=午饭", "voteitem[0]=面", "voteitem[1]=饭", "votetype=101"]
        ),
        (
            #"{"msgtype":"meeting_notification","info":{"meeting_id":5}}"#,
            ["meeting_id=5"]
        ),
        (
            #"{"msgtype":"mixed","mixed":{"item":[{"type":"text","content":"{\"content\":\"a\\nb\"}"},"#
                + #"{"type":"odd","content":"no document"}]}}"#,
            [
                "item[0].type=text", "item[0].content.content=a\nb", "item[1].type=odd",
                "item[1].content=no document",
            ]
        ),
        (
            #"{"msgtype":"chatrecord","chatrecord":{"title":"t","item":[{"type":"chatrecord","#
                + #""content":"{\"item\":[{\"type\":\"ChatRecordText\",\"content\":\"{\\\"content\\\":\\\"in\\\"}\"}]}"}]}}"#,
            [
                "title=t", "item[0].type=chatrecord", "item[0].content.item[0].type=ChatRecordText",
                "item[0].content.item[0].content.content=in",
            ]
        ),
        // Kinds we do not know.
        (#"{"msgtype":"hologram","hologram":{"depth":3},"other":{"a":1}}"#, ["depth=3"]),
        (#"{"msgtype":"hologram"}"#, []),
        (#"{"msgtype":"text","text":"no object"}"#, ["text=no object"]),
        ("no json", []),
    ])
    func everyValueIsNamed(raw: String, fields: [String]) {
        #expect(BodyField.all(of: Array(raw.utf8)).map { "\($0.name)=\($0.value)" } == fields)
    }

    @Test func depthIsBounded() {
        let depth = 100
        let raw =
            #"{"msgtype":"link","link":{"a":"# + String(repeating: "[", count: depth) + "1"
            + String(repeating: "]", count: depth) + "}}"
        #expect(BodyField.all(of: Array(raw.utf8)).isEmpty)
    }
}
