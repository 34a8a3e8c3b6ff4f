import Alerting
import Contracts
import Foundation
import Postgres

/// The page behind a message that told of several alerts: each with a link to its own page. In Chinese; everything from
/// outside is escaped.
enum SummaryPage {
    /// The alerts that a message told of, most urgent first.
    static func alerts(of callID: String, on pool: PostgresPool) async throws -> [Alert] {
        let rows = try await pool.execute(
            """
            SELECT a.event, a.severity FROM alerting.attempts AS t JOIN alerting.deliveries AS d USING (delivery_id)
                JOIN alerting.alerts AS a USING (alert_id)
            WHERE t.call_id = $1 ORDER BY d.severity DESC, d.delivery_id
            """, [.text(callID)])
        return try rows.map { try Alert(stored: $0) }
    }

    /// - Parameter url: of the page of one alert.
    static func html(_ alerts: [Alert], directory: Directory?, url: (String) -> String) -> String {
        let items = alerts.map { alert in
            let notice = AlertNotice(alert: alert, directory: directory, link: "")
            return """
                <li><a href="\(AlertPage.escaped(url(alert.alertID)))">\(AlertPage.escaped(notice.marks))\
                \(alert.rule.severity.title) \(AlertPage.escaped(alert.rule.name))</a>
                <span class="who">\(AlertPage.escaped(notice.employee)) ↔ \(AlertPage.escaped(notice.customer))　\
                \(BusinessTime.full(milliseconds: notice.time))</span>
                <p class="message">\(AlertPage.escaped(notice.brief.plain))</p></li>
                """
        }
        return AlertPage.document(
            title: "敏感词告警汇总",
            body: """
                <header><h1>敏感词告警汇总</h1><span class="level">\(alerts.count) 起</span></header>
                <section><ol>\(items.joined(separator: "\n"))</ol></section>
                <footer>本页含客户信息，请勿转发。</footer>
                """)
    }
}
