import Alerting
import Contracts
import TestSupport
import Testing

struct AlertMergingTests {
    private static let robot = DeliveryTarget(corpID: "ww1", channel: .robot, id: "compliance")
    private static let webhook = DeliveryTarget(corpID: "ww1", channel: .webhook, id: "crm")

    private static func alert(
        _ id: String, at seconds: Int64, rule: String = "rights", severity: Severity = .serious,
        in conversation: String = "s:a|wm1", corpID: String = "ww1"
    ) -> Alert {
        Alert(
            alertID: id, corpID: corpID,
            rule: .init(id: rule, name: rule, severity: severity, version: "v1"),
            message: ChatMessage(
                corpID: corpID, messageID: "m-\(id)", filedAt: nil, sentAt: seconds * 1_000, sequence: nil,
                action: "send", messageType: "text",
                conversation: Conversation(id: conversation, kind: .single, external: true),
                sender: Party(id: "wm1", kind: .customer), recipients: [], text: "维权"),
            spans: [], employeeID: "a", customerID: "wm1", raisedAt: 0)
    }

    /// `id` for an alert that is told, `id>head` for one that joins.
    private static func walk(
        _ alerts: [Alert], coolDown: Duration = .seconds(600), targets: Set<DeliveryTarget> = [robot]
    ) -> [String] {
        var merging = AlertMerging(coolDown: coolDown, heads: [:])
        return alerts.map { alert in
            merging.take(alert, targets: targets).map { "\(alert.alertID)>\($0)" } ?? alert.alertID
        }
    }

    @Test func furtherHitsJoinUntilTheCoolDownEnds() {
        let walked = Self.walk([0, 1, 600, 601, 700, 1_202].map { Self.alert("\($0)", at: $0) })
        #expect(walked == ["0", "1>0", "600>0", "601", "700>601", "1202"])
    }

    @Test func eachRuleConversationAndCorpCoolsDownByItself() {
        let walked = Self.walk([
            Self.alert("1", at: 0), Self.alert("2", at: 1, rule: "refund"), Self.alert("3", at: 2, in: "s:a|wm2"),
            Self.alert("4", at: 3, corpID: "ww2"), Self.alert("5", at: 4), Self.alert("6", at: 5, rule: "refund"),
        ])
        #expect(walked == ["1", "2", "3", "4", "5>1", "6>2"])
    }

    @Test func aHigherSeverityIsToldAndFurtherHitsJoinIt() {
        let walked = Self.walk([
            Self.alert("1", at: 0), Self.alert("2", at: 1, severity: .urgent), Self.alert("3", at: 2),
            Self.alert("4", at: 601, severity: .urgent),
        ])
        #expect(walked == ["1", "2", "3>2", "4>2"])
    }

    @Test func anAlertForSomebodyElseIsTold() {
        var merging = AlertMerging(coolDown: .seconds(600), heads: [:])
        func take(_ id: String, _ targets: Set<DeliveryTarget>) -> String? {
            merging.take(Self.alert(id, at: 0), targets: targets)
        }
        #expect(take("1", [Self.robot]) == nil)
        #expect(take("2", [Self.robot, Self.webhook]) == nil)
        #expect(take("3", [Self.robot]) == "2")
        #expect(take("4", []) == nil, "nobody can be told of it, and it says so itself")
        #expect(take("5", [Self.webhook]) == "2")
    }

    @Test func aLateMessageJoinsOrIsToldAndOpensNothing() {
        let walked = Self.walk([
            Self.alert("1", at: 1_000), Self.alert("2", at: 500), Self.alert("3", at: 100), Self.alert("4", at: 90),
            Self.alert("5", at: 1_500),
        ])
        #expect(walked == ["1", "2>1", "3", "4", "5>1"])
    }

    @Test func withoutACoolDownNothingJoins() {
        let alerts = (0..<3).map { Self.alert("\($0)", at: 5) }
        #expect(Self.walk(alerts, coolDown: .zero) == ["0", "1", "2"])
        #expect(Self.walk(alerts, coolDown: .seconds(-1)) == ["0", "1", "2"])
    }

    @Test func noTimeIsTooFarAway() {
        var alerts = (0..<2).map { Self.alert("\($0)", at: 0) }
        alerts[0].message.sentAt = .min
        alerts[1].message.sentAt = .max
        #expect(Self.walk(alerts) == ["0", "1"])
    }

    /// The store hands back what an earlier batch left: the outcome is that of one batch.
    @Test func theOutcomeDoesNotDependOnBatches() {
        let seed = UInt64.random(in: 0...UInt64(UInt32.max))
        print("alert merging: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let alerts = (0..<400).map { index in
            Self.alert(
                "\(index)", at: Int64(random.next() % 4_000), rule: "rule\(random.next() % 3)",
                severity: random.next() % 5 == 0 ? .urgent : .serious)
        }
        var pieces: [String] = []
        var heads: [AlertMerging.Thread: AlertMerging.Head] = [:]
        for alert in alerts {
            var merging = AlertMerging(coolDown: .seconds(600), heads: heads)
            let joins = merging.take(alert, targets: [Self.robot])
            pieces.append(joins.map { "\(alert.alertID)>\($0)" } ?? alert.alertID)
            guard joins == nil else { continue }
            let own = AlertMerging.Head(
                alertID: alert.alertID, severity: alert.rule.severity, saidAt: alert.saidAt, targets: [Self.robot])
            // As the query does: the one said last.
            let thread = AlertMerging.Thread(alert)
            if heads[thread].map({ $0.saidAt <= own.saidAt }) ?? true { heads[thread] = own }
        }
        #expect(pieces == Self.walk(alerts))
        #expect(pieces.contains { $0.contains(">") } && pieces.contains { !$0.contains(">") })
    }
}
