import Contracts
import ConversationArchive
import Testing

@Suite("Archive: who is who, and where a message belongs")
struct ArchiveIdentityTests {
    private typealias Fixtures = ArchiveFixtures

    @Test(arguments: [
        (Fixtures.customer, Party.Kind.customer), (Fixtures.partner, .customer), (Fixtures.robot, .robot),
        ("woody", .employee), ("wbliu", .employee), ("wmchen", .employee), ("18900012345", .employee), ("", .employee),
        (String(Fixtures.customer.dropLast()), .employee), (Fixtures.customer + "A", .employee),
        (String(Fixtures.customer.dropLast()) + "!", .employee), (Fixtures.room, .employee),
        ("WM" + Fixtures.customer.dropFirst(2), .employee), ("wm_-" + Fixtures.customer.dropFirst(4), .customer),
        ("wm好" + Fixtures.customer.dropFirst(5), .employee),
    ])
    func theShapeOfAnIDTells(id: String, kind: Party.Kind) {
        #expect(SenderIdentity.kind(of: id) == kind)
    }

    @Test func theDirectoryWinsOverThePattern() throws {
        let employee = DirectoryConfiguration.Employee(id: Fixtures.customer.uppercased(), name: "名", departmentID: 1)
        let disguised = DisguisedEmployees(
            DirectoryConfiguration(corpID: Fixtures.corpID, departments: [], employees: [employee]))
        #expect(disguised.isEmpty)

        let lower = DirectoryConfiguration.Employee(id: Fixtures.customer, name: "名", departmentID: 1)
        let found = DisguisedEmployees(
            DirectoryConfiguration(corpID: Fixtures.corpID, departments: [], employees: [lower]))
        let directory = ArchiveDirectory(corps: [Fixtures.corpID, "wwother"], disguised: [found])
        func kind(of id: String, in corp: String) throws -> Party.Kind {
            try Fixtures.message(
                Fixtures.json(["from": "\"\(id)\"", "corp_id": "\"\(corp)\""]), directory: directory
            ).message.sender.kind
        }
        #expect(try kind(of: Fixtures.customer, in: Fixtures.corpID) == .employee)
        #expect(try kind(of: Fixtures.customer, in: "wwother") == .customer)
        #expect(try kind(of: Fixtures.otherCustomer, in: Fixtures.corpID) == .customer)
    }

    @Test func theVersionOfADirectoryIsThatOfItsContent() {
        func disguised(_ corpID: String, _ ids: [String]) -> DisguisedEmployees {
            let employees = ids.map { DirectoryConfiguration.Employee(id: $0, name: "名", departmentID: 1) }
            return DisguisedEmployees(
                DirectoryConfiguration(corpID: corpID, departments: [], employees: employees))
        }
        let (one, two) = (Fixtures.customer, Fixtures.otherCustomer)
        let directory = ArchiveDirectory(corps: ["a", "b"], disguised: [disguised("a", [one]), disguised("b", [two])])
        let reordered = ArchiveDirectory(corps: ["b", "a"], disguised: [disguised("b", [two]), disguised("a", [one])])
        #expect(directory.version == reordered.version)
        let others = [
            ArchiveDirectory(corps: ["a"]), ArchiveDirectory(corps: ["a", "b"]), ArchiveDirectory(corps: ["ab"]),
            ArchiveDirectory(corps: ["a", "b"], disguised: [disguised("a", [one, two])]),
            ArchiveDirectory(corps: ["a", "b"], disguised: [disguised("a", [two]), disguised("b", [one])]),
        ]
        #expect(Set(others.map(\.version) + [directory.version]).count == others.count + 1)
    }

    @Test(arguments: [
        ("LinXiaoMan", "[\"\(Fixtures.customer)\"]", "s:linxiaoman|\(Fixtures.customer)", Conversation.Kind.single),
        (Fixtures.customer, #"["LINXIAOMAN"]"#, "s:linxiaoman|\(Fixtures.customer)", .single),
        ("zhao", #"["WangKe"]"#, "s:wangke|zhao", .single), ("hejun", #"["hejun","wang"]"#, "s:hejun|wang", .single),
        ("hejun", #"["wang","wang"]"#, "s:hejun|wang", .single),
    ])
    func aSingleChatHasOneKeyFromBothSides(
        from: String, tolist: String, id: String, kind: Conversation.Kind
    ) throws {
        let conversation = try Fixtures.message(Fixtures.json(["from": "\"\(from)\"", "tolist": tolist])).message
            .conversation
        #expect(conversation.id == id)
        #expect(conversation.kind == kind)
    }

    @Test func aRoomIsTheConversation() throws {
        let archived = try Fixtures.message(
            Fixtures.json(["roomid": "\"\(Fixtures.room)\"", "msgid": #""1_1741571101223""#, "tolist": #"["hejun"]"#]))
        #expect(
            archived.message.conversation == Conversation(id: "g:\(Fixtures.room)", kind: .group, external: false))
        #expect(archived.roomID == Fixtures.room)
    }

    @Test func severalPeopleWithoutARoomShareOneKey() throws {
        let orders = [
            ("hejun", #"["Wang","zhao"]"#), ("wang", #"["hejun","zhao","Wang"]"#), ("ZHAO", #"["wang","hejun"]"#),
        ]
        let ids = try orders.map { from, tolist in
            try Fixtures.message(Fixtures.json(["from": "\"\(from)\"", "tolist": tolist])).message.conversation.id
        }
        #expect(Set(ids) == ["m:4668d14eaec403306ed6bc7128e7b310"])
    }

    @Test(arguments: [
        ("1_1741571101223", "hejun", #"["wang"]"#, false), ("1_1741571101223_external", "hejun", #"["wang"]"#, true),
        ("1_1741571101223", Fixtures.partner, #"["wang"]"#, true),
        ("1_1741571101223", "hejun", "[\"wang\",\"\(Fixtures.customer)\"]", true),
        ("1_1741571101223", Fixtures.robot, #"["wang"]"#, false),
    ])
    func anOutsiderMakesItExternal(id: String, from: String, tolist: String, external: Bool) throws {
        let archived = try Fixtures.message(
            Fixtures.json(["msgid": "\"\(id)\"", "from": "\"\(from)\"", "tolist": tolist]))
        #expect(archived.message.conversation.external == external)
    }

    @Test(
        arguments: [
            ("7304418299001275566_1741571101", 1_741_571_101_000),
            ("7304418299001275566_1741571101223", 1_741_571_101_223),
            ("730_1741571101223_external", 1_741_571_101_223), ("730_1741571101_updown_stream", 1_741_571_101_000),
            ("125289002219525886341", nil), ("CAQQluDa4QUY0On2rYSAgAMgzPrShAE=", nil), ("_1741571101223", nil),
            ("730_", nil), ("730_0", nil), ("730_1451606399999", nil), ("730_4102444800000", nil),
            ("730_17415711012231", nil), ("730_1741571101223x", nil), ("x730_1741571101223", nil), ("", nil),
            ("730", nil),
            ("730_99999999999999999999999999", nil), ("７_1741571101223", nil),
        ] as [(String, Int64?)])
    func theTimeInsideAnIDIsFound(id: String, expected: Int64?) {
        #expect(FilingTime.milliseconds(inMessageID: id) == expected)
    }

    @Test(
        arguments: [
            ("1_1741571101223", "1741570000000", 1_741_571_101_223, true),
            ("125289002219525886341", "1741570000000", 1_741_570_000_000, false),
            ("125289002219525886341", "0", nil, false),
        ] as [(String, String, Int64?, Bool)])
    func aMessageIsFiledByItsIDThenItsTime(id: String, msgtime: String, filedAt: Int64?, byID: Bool) throws {
        let archived = try Fixtures.message(Fixtures.json(["msgid": "\"\(id)\"", "msgtime": msgtime]))
        #expect(archived.message.filedAt == filedAt)
        #expect(archived.isFiledByID == byID)
    }

    @Test func aFingerprintIgnoresWhatPullersAdd() {
        func fingerprint(_ text: String) -> ContentFingerprint { ContentFingerprint(of: Array(text.utf8)) }
        #expect(fingerprint(#"{"msgid":"1","seq":5}"#) == fingerprint(#"{"seq":6,"msgid":"1","publickey_ver":3}"#))
        #expect(fingerprint(#"{"msgid":"1","a":1}"#) != fingerprint(#"{"msgid":"1","a":2}"#))
        #expect(fingerprint("x") != fingerprint("y"))
    }
}
