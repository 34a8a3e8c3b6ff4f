import Alerting
import Contracts
import Testing

@Suite struct AlertingDirectoryTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var employee: String
        var absent: Set<String> = []
        var shopLeaders: [String] = ["LinXiaoMan"]
        var regionLeaders: [String] = ["hejun"]
        var leader: String?
        var testDescription: String { name }
    }

    @Test(arguments: [
        Case(name: "leader of the main department", employee: "wangfang", leader: "LinXiaoMan"),
        Case(name: "ids regardless of case", employee: "WangFang", leader: "LinXiaoMan"),
        Case(name: "absent leader: one up", employee: "wangfang", absent: ["LinXiaoMan"], leader: "hejun"),
        Case(
            name: "absent leader: the second one of the department first", employee: "wangfang",
            absent: ["LinXiaoMan"], shopLeaders: ["LinXiaoMan", "zhouning"], leader: "zhouning"),
        Case(name: "two levels absent", employee: "wangfang", absent: ["LinXiaoMan", "hejun"], leader: "zong"),
        Case(name: "the leader is the one concerned", employee: "LinXiaoMan", leader: "hejun"),
        Case(name: "no leader named", employee: "wangfang", shopLeaders: [], leader: "hejun"),
        Case(name: "leader not in the directory", employee: "wangfang", shopLeaders: ["gone"], leader: "hejun"),
        Case(name: "the root's leader has nobody above", employee: "zong", leader: nil),
        Case(
            name: "nobody up to the root", employee: "wangfang", absent: ["zong"], shopLeaders: [], regionLeaders: [],
            leader: nil),
        Case(name: "unknown employee", employee: "stranger", leader: nil),
    ])
    func leaderIsTheNearestPresentOtherPerson(_ example: Case) {
        let directory = AlertingFixtures.directory(
            absent: example.absent, shopLeaders: example.shopLeaders, regionLeaders: example.regionLeaders)
        #expect(directory.leader(of: example.employee)?.id == example.leader)
    }

    @Test func departmentsInACircleEndTheSearch() {
        let directory = Directory(
            DirectoryConfiguration(
                corpID: "ww1",
                departments: [
                    .init(id: 1, name: "甲", parentID: 2, leaders: []),
                    .init(id: 2, name: "乙", parentID: 1, leaders: []),
                ], employees: [.init(id: "a", name: "甲", departmentID: 1)]))
        #expect(directory.leader(of: "a") == nil)
    }

    @Test func ruleRecipientsAreToldWhenThereIsNoLeader() {
        let alert = AlertingFixtures.alert(employee: "zong", recipients: ["audit"])
        let recipients = AlertRecipients(for: alert, directory: AlertingFixtures.directory())
        #expect(recipients.mentions == ["audit"])
        #expect(recipients.source == .rule)
    }

    @Test func theOffenderIsNotToldAsARuleRecipient() {
        let alert = AlertingFixtures.alert(employee: "zong", sender: .employee, recipients: ["Zong", "audit"])
        #expect(AlertRecipients(for: alert, directory: AlertingFixtures.directory()).mentions == ["audit"])
    }

    @Test func withoutDirectoryAndRecipientsNobodyIsMentioned() {
        let recipients = AlertRecipients(for: AlertingFixtures.alert(), directory: nil)
        #expect(recipients.mentions.isEmpty)
        #expect(recipients.source == .nobody)
    }

    @Test func aTargetNamedTwiceGetsOneDelivery() {
        var alert = AlertingFixtures.alert()
        alert.rule.robots = ["compliance", "compliance", "gone"]
        let corp = CorpsConfiguration.Corp(
            id: "ww1", name: "店", robots: [.init(id: "compliance", key: "env:A")],
            webhooks: [.init(id: "crm", url: "https://x.example", secret: "env:B")])
        let planned = AlertRouting(for: alert, corp: corp, directory: nil, now: 0).deliveries
        #expect(planned.map(\.target.id) == ["compliance", "gone", "crm"])
        #expect(planned.map(\.isKnown) == [true, false, true])
    }

    @Test func aTargetsLaneIsTheSameInEveryProcess() {
        let target = DeliveryTarget(corpID: "ww1", channel: .robot, id: "compliance")
        #expect(target.lane(of: 12) == DeliveryTarget(corpID: "ww1", channel: .robot, id: "compliance").lane(of: 12))
        #expect(target.lane(of: 0) == 0)
        // A changed hash would give a robot two owners during an update: these numbers are for ever.
        let lanes = ["a", "b", "c", "d"].map { DeliveryTarget(corpID: "ww1", channel: .robot, id: $0).lane(of: 12) }
        #expect(lanes == [2, 1, 0, 3])
        #expect(
            Set((0..<200).map { DeliveryTarget(corpID: "ww1", channel: .robot, id: "\($0)").lane(of: 12) }).count == 12)
    }
}
