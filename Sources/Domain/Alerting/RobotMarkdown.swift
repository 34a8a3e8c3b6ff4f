import Contracts

/// Messages of a WeCom group robot, in its markdown dialect, never longer than the platform takes.
package enum RobotMarkdown {
    /// What the platform accepts in one markdown message.
    package static let maximumBytes = 4096

    /// One message that tells of the first `included` notices; the rest go into the next message.
    package struct Message: Sendable, Equatable {
        package var content: String
        package var included: Int

        package init(content: String, included: Int) {
            self.content = content
            self.included = included
        }
    }

    /// - Parameters:
    ///   - notices: not empty; in the order they should be told.
    ///   - waiting: how many alerts wait for this robot in all, told or not told by this message.
    ///   - maximumBytes: lower after the platform called a message over-long.
    package static func message(
        _ notices: [AlertNotice], waiting: Int, maximumBytes: Int = maximumBytes
    ) -> Message {
        if notices.count == 1, let only = notices.first {
            return Message(content: single(only, maximumBytes: maximumBytes), included: 1)
        }
        return digest(notices, waiting: max(waiting, notices.count), maximumBytes: maximumBytes)
    }

    static func single(_ notice: AlertNotice, maximumBytes: Int) -> String {
        let head = """
            **\(notice.marks)敏感词告警** <font color="\(colour(notice.severity))">\(notice.severity.title)</font>\
            \(notice.escalationText.map { "\n> 升级：\(plain($0, 192))" } ?? "")
            > 规则：\(plain(notice.ruleName, 192))
            > 员工：\(plain(notice.employee, 96))
            > 客户：\(plain(notice.customer, 96))
            > 时间：\(BusinessTime.full(milliseconds: notice.time))\(notice.hits > 1 ? "（共命中 \(notice.hits) 次）" : "")
            """
        let label = "\n> 内容\(notice.isForwarded ? "（转发）" : "")："
        let tail = "\n> [查看原文](\(notice.link))\n> 编号：\(notice.alertID)" + mentions(notice.mentions)
        let room = maximumBytes - head.utf8.count - label.utf8.count - tail.utf8.count
        let words = excerpt(notice.excerpt, maximumBytes: room)
        let before = notice.before.map { "\n> 前文 \(plain($0.speaker, 48))：\(plain($0.text, 192))" }.joined()
        // What was said before is left out where it doesn't fit: the hit must be read.
        return head + (before.utf8.count <= room - words.utf8.count ? before : "") + label + words + tail
    }

    private static func digest(_ notices: [AlertNotice], waiting: Int, maximumBytes: Int) -> Message {
        var included = 1
        var content = digestText(Array(notices.prefix(1)), waiting: waiting, maximumBytes: maximumBytes)
        while included < notices.count {
            let longer = digestText(
                Array(notices.prefix(included + 1)), waiting: waiting, maximumBytes: maximumBytes)
            guard longer.utf8.count <= maximumBytes else { break }
            content = longer
            included += 1
        }
        if included == 1, let first = notices.first {
            return Message(content: single(first, maximumBytes: maximumBytes), included: 1)
        }
        return Message(content: content, included: included)
    }

    private static func digestText(_ notices: [AlertNotice], waiting: Int, maximumBytes: Int) -> String {
        var text = "**敏感词告警汇总** 本条 \(notices.count) 起"
        if waiting > notices.count { text += "，另有 \(waiting - notices.count) 起随后发出" }
        for (rule, count) in counts(notices) {
            text += "\n> \(rule.severity.title) \(plain(rule.name, 96))：\(count) 起"
        }
        for (index, notice) in notices.enumerated() {
            text += "\n\(index + 1). \(notice.marks)<font color=\"\(colour(notice.severity))\">"
            text += "\(notice.severity.title)</font> \(plain(notice.ruleName, 48)) \(plain(notice.employee, 48)) "
            text += "\(plain(notice.customer, 48)) \(BusinessTime.short(milliseconds: notice.time)) "
            text += notice.isForwarded ? "（转发）" : ""
            text += notice.hits > 1 ? "（共 \(notice.hits) 次）" : ""
            text += notice.escalationText.map { "（\(plain($0, 96))）" } ?? ""
            text += "\(excerpt(notice.brief, maximumBytes: 96)) [查看](\(notice.link))"
        }
        var seen: Set<String> = []
        return text + mentions(notices.flatMap(\.mentions).filter { seen.insert($0.lowercased()).inserted })
    }

    private struct RuleLine: Hashable {
        var name: String
        var severity: Severity
    }

    /// Most urgent first, then in order of appearance.
    private static func counts(_ notices: [AlertNotice]) -> [(RuleLine, Int)] {
        var order: [RuleLine] = []
        var counts: [RuleLine: Int] = [:]
        for notice in notices {
            let line = RuleLine(name: notice.ruleName, severity: notice.severity)
            if counts[line] == nil { order.append(line) }
            counts[line, default: 0] += 1
        }
        return order.enumerated()
            .sorted { ($1.element.severity, $0.offset) < ($0.element.severity, $1.offset) }
            .map { ($0.element, counts[$0.element] ?? 0) }
    }

    /// At most twenty people, so that a long list cannot crowd out the alert.
    private static func mentions(_ ids: [String]) -> String {
        let marks = ids.prefix(20).filter { $0.utf8.count <= 64 }.map { "<@\(neutral($0))>" }
        return marks.isEmpty ? "" : "\n" + marks.joined()
    }

    /// In at most so many bytes. Cut before it is marked up, and never so that the first hit is gone: people must see
    /// what the alert is about.
    private static func excerpt(_ excerpt: Excerpt, maximumBytes: Int) -> String {
        let pieces = excerpt.pieces.map { Excerpt.Piece(neutral($0.text), isHit: $0.isHit) }
        let whole = pieces.map { $0.isHit ? "**\($0.text)**" : $0.text }.joined()
        if whole.isEmpty { return "（无文字内容）" }
        if whole.utf8.count <= maximumBytes { return whole }
        guard let first = pieces.firstIndex(where: \.isHit) else { return whole.cut(toBytes: maximumBytes) }
        let hit = "**\(pieces[first].text.cut(toBytes: maximumBytes / 2))**"
        let room = maximumBytes - hit.utf8.count
        let before = pieces[..<first].map(\.text).joined().cut(toLastBytes: room / 2)
        let after = pieces[(first + 1)...].map(\.text).joined().cut(toBytes: room - before.utf8.count)
        return before + hit + after
    }

    private static func plain(_ text: String, _ limit: Int) -> String { neutral(text).cut(toBytes: limit) }

    /// The dialect has no escape, so what could format, link or mention is replaced by its full-width twin: a customer
    /// who writes `<@all>` must not wake the whole group.
    private static func neutral(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": result.append("＜")
            case ">": result.append("＞")
            case "[": result.append("［")
            case "]": result.append("］")
            case "*": result.append("＊")
            case "`": result.append("｀")
            case _ where scalar.properties.isWhitespace: result.append(" ")
            case _ where scalar.properties.generalCategory == .control: continue
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func colour(_ severity: Severity) -> String {
        severity >= .serious ? "warning" : severity == .normal ? "info" : "comment"
    }
}
