import Foundation

/// A received message as the person in the chat would see it, as plain text for a terminal.
enum ManagerView {
    static func text(of call: ReceivedCall) -> String {
        let time = clock(call.time)
        if call.robot != nil {
            return "── \(time) 企业微信群机器人 ──\n\(rendered(call.content))\n\n"
        }
        if let user = call.user {
            return "── \(time) 企业微信应用消息 → \(user) ──\n\(call.content)\n\n"
        }
        return "── \(time) Webhook \(call.webhook ?? "") ──\n\(webhookText(call.content))\n\n"
    }

    /// A mass-send task, as the employee's client would show it.
    static func text(of task: CustomerContact.Task) -> String {
        "── \(clock(task.createdAt)) 企业群发 \(task.sender) → \(task.customers.count) 位客户 ──\n\(task.text)\n\n"
    }

    /// The robot's markdown without its signs.
    private static func rendered(_ markdown: String) -> String {
        markdown
            .replacing(#/<font color="[a-z]+">(.*?)</font>/#) { "【\($0.1)】" }
            .replacing(#/\[([^\]]*)\]\(([^)]*)\)/#) { "\($0.1)：\($0.2)" }
            .replacing(#/<@([^>]+)>/#) { "@\($0.1) " }
            .replacing("**", with: "")
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("> ") ? "  " + $0.dropFirst(2) : $0[...] }
            .joined(separator: "\n")
    }

    private static func webhookText(_ body: String) -> String {
        struct Notice: Decodable { var text: String }
        // Another sender's JSON is shown as it came.
        return (try? JSONDecoder().decode(Notice.self, from: Data(body.utf8)).text) ?? body
    }

    private static func clock(_ milliseconds: Int64) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "zh_CN")
        formatter.timeZone = TimeZone(identifier: "Asia/Shanghai")
        formatter.dateFormat = "HH:mm:ss"
        return formatter.string(from: Date(timeIntervalSince1970: Double(milliseconds) / 1000))
    }
}
