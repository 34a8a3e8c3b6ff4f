import AlertNotifier
import Alerting
import Contracts
import Foundation
import Postgres
import Records
import TestSupport
import Testing

/// What follows an alert is kept with it, and shown.
@Suite(.requiresPostgres, .patient)
struct AlertNotifierContextTests {
    private static func line(_ id: String, _ text: String?, _ kind: Party.Kind = .customer) -> ContextLine {
        ContextLine(
            messageID: id, sentAt: 1_773_108_201_000,
            sender: Party(id: kind == .employee ? "wangfang" : "wm1", kind: kind),
            messageType: text == nil ? "image" : "text",
            text: text)
    }

    @Test func laterLinesAndRecallsAreStoredOnceAndInOrder() async throws {
        try await AlertNotifierScene.run { scene in
            let context = AlertContext(
                alertID: "a1", corpID: "ww1", conversationID: "s:wangfang|wm1",
                lines: [Self.line("m2", "好的"), Self.line("m1", "在吗")], recalledMessageIDs: ["m-a1"])
            try await scene.takeIn([AlertNotifierScene.alert("a1")])
            try await scene.takeIn(contexts: [context])
            var again = context
            again.lines.append(Self.line("m3", nil))
            try await scene.takeIn(contexts: [again, context])
            let rows = try await scene.pool.execute("SELECT msgid FROM alerting.context_lines ORDER BY place")
            #expect(try rows.map { try $0.decode(String.self, at: 0) } == ["m2", "m1", "m3"])
            #expect(try await scene.count("alerting.context_recalls") == 1)
            #expect(try await scene.count("alerting.alerts") == 1)
        }
    }

    @Test func thePageShowsTheLinesAroundTheHitAndWhatWasWithdrawn() {
        var alert = AlertNotifierScene.alert("a1")
        alert.before = [Self.line("m1", "<b>稍等</b>", .employee)]
        let directory = Directory(
            DirectoryConfiguration(
                corpID: "ww1", departments: [], employees: [.init(id: "wangfang", name: "王芳", departmentID: 1)]))
        let bare = AlertPage.html(alert, directory: directory)
        #expect(bare.contains("前文") && bare.contains("王芳 ") && bare.contains("&lt;b&gt;稍等&lt;/b&gt;"))
        #expect(!bare.contains("后文") && !bare.contains("已撤回"))
        let page = AlertPage.html(
            alert,
            followUp: AlertFollowUp(lines: [Self.line("m3", nil)], recalledMessageIDs: [alert.message.messageID]),
            directory: directory)
        #expect(page.contains("后文") && page.contains("［图片］"))
        #expect(page.components(separatedBy: "已撤回").count == 2)
    }
}
