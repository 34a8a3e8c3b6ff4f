package import Alerting
package import Contracts

/// The page of one alert, in Chinese: what was said, whole, with the hit marked, and the lines around it. Pure; everything
/// from outside is escaped.
package enum AlertPage {
    /// Header fields of every answer: nothing from elsewhere, no scripts, no copies, no search engine.
    package static let securityHeaders: [(String, String)] = [
        (
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        ),
        ("Cache-Control", "no-store"),
        ("X-Robots-Tag", "noindex, nofollow"),
        ("Referrer-Policy", "no-referrer"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
    ]

    package static func html(
        _ alert: Alert, followUp: AlertFollowUp = AlertFollowUp(), standing: AlertStanding? = nil,
        handling: AlertHandling? = nil, directory: Directory?
    ) -> String {
        let notice = AlertNotice(alert: alert, directory: directory, link: "")
        let sender =
            switch alert.message.sender.kind {
            case .employee: "员工"
            case .customer: "客户"
            case .robot: "机器人"
            }
        let isRecalled = alert.recalled == true || followUp.recalledMessageIDs.contains(alert.message.messageID)
        let body = """
            <header class="level\(alert.rule.severity.rawValue)">
            <h1>\(escaped(notice.marks))敏感词告警</h1><span class="level">\(alert.rule.severity.title)</span>\(state(standing, directory))
            </header>
            \(banner(handling))
            <dl>
            <dt>规则</dt><dd>\(escaped(alert.rule.name))</dd>
            <dt>员工</dt><dd>\(escaped(notice.employee))</dd>
            <dt>客户</dt><dd>\(escaped(notice.customer))</dd>
            <dt>时间</dt><dd>\(BusinessTime.full(milliseconds: notice.time))</dd>
            <dt>发送方</dt><dd>\(sender)</dd>
            <dt>命中</dt><dd>\(words(alert))\(followUp.joinedCount > 0 ? "（冷却期内共 \(followUp.joinedCount + 1) 次）" : "")</dd>\
            \(followUp.joinedAlertID.map { "\n<dt>已并入</dt><dd>\(escaped($0))</dd>" } ?? "")
            </dl>
            \(form(standing, handling))
            \(lines("前文", alert.before ?? [], followUp, directory))
            <section><h2>消息原文\(notice.isForwarded ? "（转发，可能是他人的话）" : "")\(recalledMark(isRecalled))</h2><p class="message">\(message(alert))</p></section>
            \(joined(followUp, directory))
            \(lines("后文", followUp.lines, followUp, directory))
            \(history(standing, directory))
            <footer>编号 \(escaped(alert.alertID))　本页含客户信息，请勿转发。</footer>
            """
        return document(title: "敏感词告警", body: body)
    }

    /// A part of the conversation; nothing when there is none.
    private static func lines(
        _ title: String, _ lines: [ContextLine], _ followUp: AlertFollowUp, _ directory: Directory?
    ) -> String {
        guard !lines.isEmpty else { return "" }
        let items = lines.map { line in
            let spoken = SpokenLine(line, directory: directory)
            let time = line.sentAt.map { BusinessTime.full(milliseconds: $0) } ?? ""
            let isRecalled = line.recalled == true || followUp.recalledMessageIDs.contains(line.messageID)
            return """
                <li><span class="who">\(escaped(spoken.speaker)) \(time)\(recalledMark(isRecalled))</span>\
                <p class="message">\(escaped(spoken.text))</p></li>
                """
        }
        return "<section><h2>\(title)</h2><ol>\(items.joined())</ol></section>"
    }

    /// Hits within the cool-down, which nobody was told of by themselves.
    private static func joined(_ followUp: AlertFollowUp, _ directory: Directory?) -> String {
        guard !followUp.joined.isEmpty else { return "" }
        let items = followUp.joined.map { alert in
            let speaker = SpokenLine(ContextLine(alert.message), directory: directory).speaker
            let isRecalled =
                alert.recalled == true || followUp.recalledMessageIDs.contains(alert.message.messageID)
            return """
                <li><span class="who">\(escaped(speaker)) \(BusinessTime.full(milliseconds: alert.saidAt))\
                \(recalledMark(isRecalled))</span><p class="message">\(message(alert))</p></li>
                """
        }
        let left = followUp.joinedCount - followUp.joined.count
        return "<section><h2>再次命中</h2><ol>\(items.joined())</ol>\(left > 0 ? "<p>另有 \(left) 次未列出。</p>" : "")</section>"
    }

    private static func recalledMark(_ isRecalled: Bool) -> String {
        isRecalled ? " <span class=\"recalled\">已撤回</span>" : ""
    }

    /// Says why there is nothing to see, and nothing else.
    package static func refusal(_ text: String) -> String {
        document(title: text, body: "<header><h1>\(escaped(text))</h1></header>")
    }

    private static func words(_ alert: Alert) -> String {
        var seen: Set<String> = []
        let words = alert.spans.map(\.pattern).filter { seen.insert($0).inserted }
        return words.isEmpty ? "无" : words.map(escaped).joined(separator: "、")
    }

    private static func message(_ alert: Alert) -> String {
        guard let text = alert.message.text, !text.isEmpty else { return "（无文字内容）" }
        return Excerpt.whole(text: text, spans: alert.spans).pieces
            .map { $0.isHit ? "<mark>\(escaped($0.text))</mark>" : escaped($0.text) }.joined()
    }

    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            // Invisible marks that turn the direction of text could make a message read as another one.
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": continue
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    static func document(title: String, body: String) -> String {
        """
        <!doctype html>
        <html lang="zh-CN">
        <head>
        <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex, nofollow"><title>\(escaped(title))</title>
        <style>\(style)</style>
        </head>
        <body><main>
        \(body)
        </main></body>
        </html>

        """
    }

    private static let style = """
        body{margin:0;background:#f4f5f7;color:#1f2329;font:16px/1.6 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
        main{max-width:42rem;margin:1.5rem auto;background:#fff;border-radius:12px;overflow:hidden;box-shadow:0 1px 6px #0002}
        header{display:flex;align-items:center;gap:.75rem;padding:1rem 1.5rem;border-top:4px solid #8a919f}
        header.level2{border-color:#2f7de1}header.level3{border-color:#e8830c}header.level4{border-color:#d92d20}
        h1{font-size:1.25rem;margin:0}h2{font-size:1rem;margin:0 0 .5rem;color:#646a73}
        .level{background:#f1f2f4;border-radius:99px;padding:0 .75rem;font-size:.875rem}
        .level4 .level{background:#fdecea;color:#b42318}.level3 .level{background:#fff1e0;color:#a35200}
        dl{display:grid;grid-template-columns:5rem 1fr;margin:0;padding:0 1.5rem 1rem;gap:.25rem 1rem}
        dt{color:#646a73}dd{margin:0;overflow-wrap:anywhere}
        section{padding:1rem 1.5rem;border-top:1px solid #eceef1}
        .message{white-space:pre-wrap;overflow-wrap:anywhere;margin:0}
        ol{list-style:none;margin:0;padding:0}li+li{margin-top:.5rem}.who{color:#8a919f;font-size:.8125rem}
        .recalled{background:#fdecea;color:#b42318;border-radius:99px;padding:0 .5rem;font-size:.75rem;font-weight:400}
        mark{background:#ffe58f;border-radius:3px;padding:0 2px}
        .state{margin-left:auto;color:#646a73;font-size:.875rem}.state.open{color:#b42318}.state.resolved{color:#18794e}
        .banner{margin:0 1.5rem 1rem;padding:.5rem .75rem;border-radius:8px;background:#e6f4ea;color:#18794e}
        .banner.late{background:#fff1e0;color:#a35200}
        form{display:grid;gap:.75rem}label{display:grid;gap:.25rem;color:#646a73;font-size:.875rem}
        input,textarea{font:inherit;padding:.5rem .75rem;border:1px solid #c9cdd4;border-radius:8px;box-sizing:border-box;width:100%}
        .buttons{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}.buttons span{color:#646a73;font-size:.875rem}
        button{font:inherit;padding:.5rem 1rem;min-height:2.75rem;border:1px solid #c9cdd4;border-radius:8px;background:#fff;color:#1f2329}
        button.main{background:#2f7de1;border-color:#2f7de1;color:#fff}
        footer{padding:.75rem 1.5rem;color:#8a919f;font-size:.8125rem;border-top:1px solid #eceef1;overflow-wrap:anywhere}
        """
}
