import Contracts
import ConversationArchive
import Testing

/// Every `sdkfileid` is found: the platform forgets the file after some days.
@Suite("Archive: files of messages")
struct ArchiveMediaTests {
    private typealias Fixtures = ArchiveFixtures

    @Test(
        arguments: [
            ("image", #"{"md5sum":"7c","filesize":184233,"sdkfileid":"F"}"#, "7c", 184_233, nil),
            ("voice", #"{"md5sum":"b2","voice_size":"9120","play_length":6,"sdkfileid":"F"}"#, "b2", 9120, nil),
            ("video", #"{"md5sum":"","filesize":7340032,"play_length":31,"sdkfileid":"F"}"#, nil, 7_340_032, nil),
            ("emotion", #"{"type":1,"imagesize":51200,"md5sum":"e6","sdkfileid":"F"}"#, "e6", 51200, nil),
            ("file", #"{"md5sum":"9","filename":"价.xlsx","filesize":1,"sdkfileid":"F"}"#, "9", 1, "价.xlsx"),
            (
                "voip_doc_share",
                #"{"filename":"手册.pdf","md5sum":"f","filesize":18446744073709551615,"sdkfileid":"F"}"#, "f", nil,
                "手册.pdf"
            ),
            ("meeting_voice_call", #"{"endtime":1741572208,"sdkfileid":"F","demofiledata":[]}"#, nil, nil, nil),
            ("solitaire", #"{"sdkfileid":"F","filesize":5}"#, nil, 5, nil),
        ] as [(String, String, String?, Int64?, String?)])
    func aFileIsAJob(kind: String, body: String, md5: String?, size: Int64?, name: String?) throws {
        let decoded = try Fixtures.message(Fixtures.json(["msgtype": "\"\(kind)\"", kind: body]))
        #expect(decoded.media == [MediaReference(kind: kind, fileID: "F", size: size, md5: md5, name: name)])
    }

    @Test func filesInsideForwardedRecordsAreFoundInTheirOrder() throws {
        let file = #"{\\\"sdkfileid\\\":\\\"B\\\",\\\"filename\\\":\\\"b\\\"}"#
        let inner = #"{\"title\":\"t\",\"item\":[{\"type\":\"ChatRecordFile\",\"content\":\"\#(file)\"}]}"#
        let items = [
            #"{"type":"ChatRecordImage","content":"{\"sdkfileid\":\"A\",\"filesize\":1}"}"#,
            #"{"type":"chatrecord","content":"\#(inner)"}"#, #"{"type":"ChatRecordVoice","content":"no json"}"#,
            #"{"type":"ChatRecordNew","content":"{\"sdkfileid\":\"C\"}"}"#,
        ].joined(separator: ",")
        let decoded = try Fixtures.message(
            Fixtures.json(["msgtype": #""chatrecord""#, "chatrecord": #"{"title":"","item":[\#(items)]}"#]))
        #expect(decoded.media.map(\.fileID) == ["A", "B", "C"])
        #expect(decoded.media.map(\.kind) == ["image", "file", "ChatRecordNew"])
        #expect(decoded.flags == .itemInvalid)
    }

    @Test func aMixedMessageHasItsPictures() throws {
        let items =
            #"{"type":"text","content":"{\"content\":\"款\"}"},"#
            + #"{"type":"image","content":"{\"sdkfileid\":\"A\"}"}"#
        let decoded = try Fixtures.message(
            Fixtures.json(["msgtype": #""mixed""#, "mixed": #"{"item":[\#(items)]}"#]))
        #expect(decoded.media.map(\.fileID) == ["A"])
        #expect(decoded.message.text == "款")
    }

    @Test(arguments: [#"{"md5sum":"7"}"#, #"{"sdkfileid":""}"#, #"{"sdkfileid":5}"#, #"{"sdkfileid":null}"#])
    func withoutAnIDThereIsNoFile(body: String) throws {
        #expect(try Fixtures.message(Fixtures.json(["msgtype": #""image""#, "image": body])).media.isEmpty)
    }
}
