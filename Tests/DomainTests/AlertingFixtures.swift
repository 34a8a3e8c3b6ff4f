import Alerting
import Contracts

/// A shop with three levels, and alerts of its conversations.
enum AlertingFixtures {
    /// Root (1, led by zong) ← region (2, led by hejun) ← shop (3, led by LinXiaoMan, then zhouning).
    static func directory(
        absent: Set<String> = [], shopLeaders: [String] = ["LinXiaoMan"], regionLeaders: [String] = ["hejun"]
    ) -> Directory {
        func employee(_ id: String, _ name: String, _ department: Int) -> DirectoryConfiguration.Employee {
            .init(id: id, name: name, departmentID: department, absent: absent.contains(id))
        }
        return Directory(
            DirectoryConfiguration(
                corpID: "ww1",
                departments: [
                    .init(id: 1, name: "总部", parentID: nil, leaders: ["zong"]),
                    .init(id: 2, name: "华东", parentID: 1, leaders: regionLeaders),
                    .init(id: 3, name: "一店", parentID: 2, leaders: shopLeaders),
                ],
                employees: [
                    employee("zong", "宗经理", 1), employee("hejun", "何军", 2), employee("LinXiaoMan", "林小满", 3),
                    employee("zhouning", "周宁", 3), employee("wangfang", "王芳", 3),
                ]))
    }

    static func alert(
        id: String = "a1", text: String? = "再不处理我就维权", word: String = "维权", employee: String? = "wangfang",
        sender: Party.Kind = .customer, severity: Severity = .serious, rule: String = "客户维权",
        recipients: [String] = [], selfTest: Bool = false
    ) -> Alert {
        let customer = "wmR4xTCwAAq0Zc7hVw2Ue8mJt5Lk9PsA"
        var spans: [Alert.Span] = []
        if let text, let range = text.firstRange(of: word) {
            let start = text.unicodeScalars.distance(from: text.startIndex, to: range.lowerBound)
            spans = [.init(start: start, end: start + word.unicodeScalars.count, pattern: word)]
        }
        return Alert(
            alertID: id, corpID: "ww1",
            rule: .init(
                id: "rights", name: rule, severity: severity, version: "v1", robots: ["compliance"], webhooks: ["crm"],
                recipients: recipients),
            message: ChatMessage(
                corpID: "ww1", messageID: "m-\(id)", filedAt: 1_773_108_201_000, sentAt: 1_773_108_201_000,
                sequence: nil, action: "send", messageType: "text",
                conversation: Conversation(id: "s:wangfang|\(customer)", kind: .single, external: true),
                sender: Party(
                    id: sender == .employee ? employee ?? "wangfang" : customer, kind: sender), recipients: [],
                text: text),
            spans: spans, employeeID: employee, customerID: customer, raisedAt: 1_773_108_202_000, selfTest: selfTest)
    }

    static func notice(_ alert: Alert, mayBeRepeated: Bool = false) -> AlertNotice {
        AlertNotice(
            alert: alert, directory: directory(), link: "https://scrm.example.com/alerts/\(alert.alertID)?exp=1&sig=2",
            mayBeRepeated: mayBeRepeated)
    }
}
