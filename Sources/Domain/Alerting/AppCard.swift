import Contracts

/// One alert as the app tells a person of it: the parts of a card, within the platform's limits, without markup.
package struct AppCard: Sendable, Equatable {
    package var alertID: String
    /// 敏感词告警 with level and rule.
    package var title: String
    /// Employee and customer.
    package var subtitle: String
    /// The words around the hit.
    package var quote: String
    /// Name and value, at most six.
    package var fields: [Field]
    package var link: String

    package struct Field: Sendable, Equatable {
        package var name: String
        package var value: String
    }

    package init(_ notice: AlertNotice) {
        alertID = notice.alertID
        title = Self.plain("\(notice.marks)【\(notice.severity.title)】\(notice.ruleName)", 36)
        subtitle = Self.plain("\(notice.employee) ↔ \(notice.customer)", 30)
        let words = notice.excerpt.pieces.map { $0.isHit ? "「\($0.text)」" : $0.text }.joined()
        quote = Self.plain((notice.isForwarded ? "（转发）" : "") + (words.isEmpty ? "（无文字内容）" : words), 112)
        fields = [
            Field(name: "时间", value: BusinessTime.full(milliseconds: notice.time)),
            Field(name: "命中", value: "\(notice.hits) 次"),
        ]
        if let escalation = notice.escalationText { fields.append(Field(name: "升级", value: escalation)) }
        link = notice.link
    }

    /// The same for the kind of message without buttons: its description is HTML of a few classes.
    package var textCard: (title: String, description: String) {
        var description = "<div class=\"gray\">\(fields.map { "\($0.name) \($0.value)" }.joined(separator: "　"))</div>"
        description += "<div class=\"normal\">\(subtitle)</div>"
        description += "<div class=\"highlight\">"
        let room = AppSummary.maximumDescriptionBytes - description.utf8.count - "</div>".utf8.count
        return (title.cut(toBytes: AppSummary.maximumTitleBytes), description + quote.cut(toBytes: room) + "</div>")
    }

    /// Without markup and line breaks, at most so many characters.
    static func plain(_ text: String, _ limit: Int) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": result.append("＜")
            case ">": result.append("＞")
            case "&": result.append("＆")
            case _ where scalar.properties.isWhitespace: result.append(" ")
            case _ where scalar.properties.generalCategory == .control: continue
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result.count <= limit ? result : result.prefix(limit - 1) + "…"
    }
}

/// Several alerts in one message to a person: how many of what. All of them are on the page that it links to.
package struct AppSummary: Sendable, Equatable {
    static let maximumTitleBytes = 128
    static let maximumDescriptionBytes = 512

    package var title: String
    package var description: String

    /// - Parameters:
    ///   - notices: not empty, most urgent first.
    ///   - waiting: how many wait for this person in all, told or not told by this message.
    package init(_ notices: [AlertNotice], waiting: Int) {
        let isRepeated = notices.contains(where: \.mayBeRepeated)
        title = "\(isRepeated ? "【可能重复】" : "")敏感词告警汇总：\(notices.count) 起"
        var lines = ["<div class=\"gray\">点击查看全部</div>"]
        if waiting > notices.count {
            lines = ["<div class=\"gray\">另有 \(waiting - notices.count) 起随后发出</div>"]
        }
        for (rule, count) in Self.counts(notices) {
            let mark = rule.severity >= .serious ? "highlight" : "normal"
            let line = "<div class=\"\(mark)\">\(rule.severity.title) \(AppCard.plain(rule.name, 16))：\(count) 起</div>"
            guard (lines + [line]).joined().utf8.count <= Self.maximumDescriptionBytes else { break }
            lines.append(line)
        }
        description = lines.joined()
    }

    private struct Rule: Hashable {
        var name: String
        var severity: Severity
    }

    /// Most urgent first, then the most frequent.
    private static func counts(_ notices: [AlertNotice]) -> [(Rule, Int)] {
        var counts: [Rule: Int] = [:]
        for notice in notices { counts[Rule(name: notice.ruleName, severity: notice.severity), default: 0] += 1 }
        return counts.sorted {
            ($1.key.severity, $1.value, $0.key.name) < ($0.key.severity, $0.value, $1.key.name)
        }
    }
}
