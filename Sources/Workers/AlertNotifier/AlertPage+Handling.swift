import Alerting
import Contracts

/// Where the alert stands, what the visitor may do, and what was done.
extension AlertPage {
    static func state(_ standing: AlertStanding?, _ directory: Directory?) -> String {
        guard let life = standing?.life else { return "" }
        var text = life.state.title
        if let result = life.result { text += "：\(result.title)" }
        if let holder = life.holder { text += "（\(name(holder, directory))）" }
        return "<span class=\"state \(life.state.rawValue)\">\(escaped(text))</span>"
    }

    static func banner(_ handling: AlertHandling?) -> String {
        let text: String
        var isLate = false
        switch handling?.decision {
        case nil: return ""
        case .onItsWay: (text, isLate) = ("已提交，正在处理，请稍后刷新查看结果。", true)
        case .decided(.applied, _): text = "操作成功。"
        case .decided(.unchanged, _): text = "您已操作过，无需重复。"
        case .decided(.tooLate, let holder): (text, isLate) = ("晚了一步：\(holder ?? "他人") 已在处理。", true)
        }
        return "<p class=\"banner\(isLate ? " late" : "")\" role=\"status\">\(escaped(text))</p>"
    }

    /// One form with a button for each thing that can be done now; its token is good for one of them.
    static func form(_ standing: AlertStanding?, _ handling: AlertHandling?) -> String {
        guard let life = standing?.life, let token = handling?.token else { return "" }
        let who =
            handling?.actor.map { "<p class=\"who\">以「\(escaped($0))」的身份操作</p>" }
                ?? """
                <label>您的姓名<input name="name" required maxlength="\(AlertActionLimits.name)" autocomplete="name"></label>
                """
        var rows: [String] = []
        if life.state == .open { rows.append(button("acknowledge", "认领", isMain: true)) }
        if life.state != .resolved {
            let results = AlertResult.allCases.map { button("resolve:\($0.rawValue)", $0.title) }
            rows.append("<span>处理完毕：</span>" + results.joined())
        }
        rows.append((life.state == .resolved ? button("reopen", "重新打开") : "") + button("comment", "仅提交备注"))
        return """
            <section><h2>处理</h2><form method="post">
            <input type="hidden" name="token" value="\(escaped(token))">
            \(who)
            <label>备注<textarea name="note" rows="2" maxlength="\(AlertActionLimits.note)"></textarea></label>
            \(rows.map { "<div class=\"buttons\">\($0)</div>" }.joined(separator: "\n"))
            </form></section>
            """
    }

    static func history(_ standing: AlertStanding?, _ directory: Directory?) -> String {
        guard let entries = standing?.history, !entries.isEmpty else { return "" }
        let items = entries.map { entry in
            let text = entry.text { name($0, directory) }
            let note = entry.note.map { "<p class=\"message\">\(escaped($0))</p>" } ?? ""
            return
                "<li><span class=\"who\">\(BusinessTime.full(milliseconds: entry.at))</span> \(escaped(text))\(note)</li>"
        }
        return "<section><h2>处理记录</h2><ol>\(items.joined())</ol></section>"
    }

    private static func button(_ value: String, _ title: String, isMain: Bool = false) -> String {
        "<button\(isMain ? " class=\"main\"" : "") name=\"do\" value=\"\(value)\">\(title)</button>"
    }

    private static func name(_ id: String, _ directory: Directory?) -> String { directory?.employee(id)?.name ?? id }
}
