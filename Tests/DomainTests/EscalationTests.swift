import Alerting
import Contracts
import Testing

struct EscalationTests {
    struct Ladder: Sendable, CustomTestStringConvertible {
        var name: String
        var employee: String? = "wangfang"
        var sender = Party.Kind.customer
        var recipients: [String] = []
        var absent: Set<String> = []
        var regionLeaders = ["hejun"]
        var steps: [[String]]
        var testDescription: String { name }
    }

    @Test(arguments: [
        Ladder(name: "one department up at a time", steps: [["hejun"], ["zong"]]),
        Ladder(
            name: "then the rule's recipients", recipients: ["legal", "HEJUN"], steps: [["hejun"], ["zong"], ["legal"]]),
        Ladder(name: "whoever is away is passed over", absent: ["hejun"], steps: [["zong"]]),
        Ladder(name: "one leader of two departments is one step", regionLeaders: ["zong"], steps: [["zong"]]),
        Ladder(name: "of a leader, the one above was told at once", employee: "LinXiaoMan", steps: [["zong"]]),
        Ladder(
            name: "who said it never hears of it", employee: "hejun", sender: .employee,
            recipients: ["hejun", "legal"],
            steps: [["legal"]]),
        Ladder(name: "nobody above: once more to the same", employee: "hejun", steps: [["zong"]]),
        Ladder(
            name: "no leader at all: the rule's recipients again", employee: nil, recipients: ["legal"],
            steps: [["legal"]]),
        Ladder(name: "nobody known: the robots are told once more", employee: nil, steps: [[]]),
    ])
    func whoHearsOfItNext(_ example: Ladder) {
        let alert = AlertingFixtures.alert(
            employee: example.employee, sender: example.sender, recipients: example.recipients)
        let directory = AlertingFixtures.directory(absent: example.absent, regionLeaders: example.regionLeaders)
        let ladder = EscalationLadder(for: alert, directory: directory)
        #expect(ladder.steps == example.steps)
        #expect(ladder.recipients(ofStep: 1) == example.steps[0])
        #expect(ladder.recipients(ofStep: 0) == nil && ladder.recipients(ofStep: example.steps.count + 1) == nil)
    }

    @Test func deadlinesDependOnSeverityAndState() {
        let policy = EscalationPolicy.standard
        func due(_ severity: Severity, _ state: AlertState) -> Int64? {
            policy.due(severity, state, from: 0) { duration, _ in 7_000_000 + Int64(duration / .seconds(1)) }
        }
        #expect(due(.notice, .open) == nil && due(.notice, .acknowledged) == nil)
        #expect(due(.normal, .open) == 7_014_400)
        #expect(due(.serious, .open) == 1_800_000 && due(.urgent, .open) == 600_000)
        #expect(due(.normal, .acknowledged) == 7_064_800)
        #expect(due(.serious, .acknowledged) == 14_400_000 && due(.urgent, .acknowledged) == 3_600_000)
        for severity in Severity.allCases {
            #expect(due(severity, .resolved) == nil)
            #expect(EscalationPolicy.never.due(severity, .open, from: 0) { _, start in start } == nil)
        }
    }

    /// 2026-03-13 is a Friday. Times in Asia/Shanghai.
    @Test(arguments: [
        ("2026-03-13T10:00", 4.0, "2026-03-13T14:00"), ("2026-03-13T16:00", 4, "2026-03-16T11:00"),
        ("2026-03-13T18:00", 0.5, "2026-03-16T09:30"), ("2026-03-14T03:00", 9, "2026-03-16T18:00"),
        ("2026-03-12T08:59", 18, "2026-03-13T18:00"), ("2026-03-15T23:59", 45, "2026-03-20T18:00"),
        ("2026-03-13T17:59", 0, "2026-03-13T17:59"),
    ])
    func workingTimePassesInWorkingHours(_ start: String, _ hours: Double, _ end: String) {
        #expect(WorkingTime.standard.moment(after: .seconds(hours * 3600), from: Self.at(start)) == Self.at(end))
    }

    /// Days since 1970 by counting, in another way than the code does.
    private static func at(_ text: String) -> Int64 {
        let numbers = text.split { "-T:".contains($0) }.compactMap { Int64($0) }
        // 2026-01-01 is day 20454; January has 31 days, February 28.
        let day = 20_454 + [0, 31, 59][Int(numbers[1]) - 1] + numbers[2] - 1
        return ((day * 24 + numbers[3] - 8) * 60 + numbers[4]) * 60_000
    }

    @Test func whatIsSentSaysThatItIsAnEscalation() {
        let alert = AlertingFixtures.alert()
        let directory = AlertingFixtures.directory()
        func notice(_ escalation: EscalationNotice?, recalled: Bool = false) -> AlertNotice {
            AlertNotice(
                alert: alert, directory: directory, link: "https://x", isRaised: true, recalled: recalled,
                escalation: escalation)
        }
        let first = RobotMarkdown.message(
            [notice(EscalationNotice(number: 2, recipients: ["zong"]), recalled: true)], waiting: 1
        ).content
        #expect(first.contains("【升级】【已撤回】【多次命中】") && first.contains("> 升级：第 2 次，仍无人认领"))
        #expect(first.contains("<@zong>") && !first.contains("<@LinXiaoMan>"))
        let held = notice(EscalationNotice(number: 1, holder: "hejun", recipients: ["zong"]))
        #expect(RobotMarkdown.message([held], waiting: 1).content.contains("何军 认领后仍未处理"))
        let webhook = WebhookNotice(alert: alert, notice: held)
        #expect(webhook.type == "alert.escalated" && webhook.escalation == 1 && webhook.raised == true)
        #expect(webhook.text.hasPrefix("【升级】【多次命中】敏感词告警（第 1 次，何军 认领后仍未处理）"))
        let plain = RobotMarkdown.message([notice(nil)], waiting: 1).content
        #expect(!plain.contains("升级") && plain.contains("<@LinXiaoMan>"))
    }
}

struct FrequencyRaiseTests {
    private static func alert(at hours: Int64, severity: Severity = .serious, sender: Party.Kind = .customer) -> Alert {
        var alert = AlertingFixtures.alert(sender: sender, severity: severity)
        alert.message.sentAt = hours * 3_600_000
        return alert
    }

    @Test(
        arguments: [
            ([0, 1, 2, 3], [false, false, true, true]), ([0, 12, 24, 25], [false, false, true, true]),
            ([0, 12, 25], [false, false, false]), ([0, 30, 60, 61, 62], [false, false, false, false, true]),
            // Out of order: the distance counts.
            ([20, 0, 10], [false, false, true]), ([40, 0, 10, 20], [false, false, false, true]),
            ([0, 10, 40, 20], [false, false, false, true]),
        ] as [([Int64], [Bool])])
    func theThirdHitOfADayIsUrgent(_ hours: [Int64], _ raised: [Bool]) {
        var raise = FrequencyRaise(hits: 3, window: .seconds(86_400))
        let taken = hours.map { raise.take(Self.alert(at: $0)) }
        #expect(taken == raised)
    }

    @Test func onlyCustomersWordsCountAndTheEarlierOnesAreKnown() throws {
        let customer = try #require(FrequencyRaise.Customer(Self.alert(at: 0)))
        var raise = FrequencyRaise(hits: 3, window: .seconds(86_400), earlier: [customer: [7_200_000, 0]])
        var other = Self.alert(at: 4)
        other.customerID = "wmOther"
        let raised = [
            Self.alert(at: 3, sender: .employee), Self.alert(at: 3), Self.alert(at: 4, severity: .urgent), other,
        ].map { raise.take($0) }
        // An urgent one has nothing to be raised to.
        #expect(raised == [false, true, false, false])
        var never = FrequencyRaise(hits: 0, window: .seconds(86_400), earlier: [customer: [0, 1, 2]])
        let isRaised = never.take(Self.alert(at: 0))
        #expect(!isRaised)
    }

    @Test func absurdTimesAreNoTrap() {
        var raise = FrequencyRaise(hits: 2, window: .seconds(86_400))
        for time in [Int64.max, .min, 0, .max, .min] {
            var alert = Self.alert(at: 0)
            alert.message.sentAt = time
            _ = raise.take(alert)
        }
    }
}
