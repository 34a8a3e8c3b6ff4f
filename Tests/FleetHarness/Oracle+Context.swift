import Contracts
import Foundation

/// What goes with each alert: the lines before it, the lines after it, and what was withdrawn.
extension Oracle {
    /// Lines before a hit, and as many after it: the monitor's default.
    private static let lines = 5

    private struct Expected {
        var before: [String] = []
        /// `line <msgid>` and `recall <msgid>`, in order.
        var after: [String] = []
    }

    /// Compares what was published after each alert, and what the notifier keeps, with the input.
    ///
    /// Where a conversation's order is not defined, nothing may be told twice all the same.
    package func contexts(_ fleet: TestFleet, _ published: PublishedStream) async throws -> Findings {
        let alerts = try await fleet.query(
            "SELECT msgid, alert_id, event FROM alerting.alerts", as: String.self, String.self, [UInt8].self)
        let kept = try await fleet.query(
            "SELECT alert_id, msgid FROM alerting.context_lines ORDER BY place", as: String.self, String.self)
        let recalls = try await fleet.query(
            "SELECT alert_id, msgid FROM alerting.context_recalls", as: String.self, String.self)
        var told: [String: [String]] = [:]
        for entry in published.first {
            switch entry.kind {
            case .message: break
            case .line(let alertID): told[alertID, default: []].append("line \(entry.messageID)")
            case .recall(let alertID): told[alertID, default: []].append("recall \(entry.messageID)")
            }
        }
        let keptLines = Dictionary(grouping: kept, by: \.0).mapValues { $0.map { "line \($0.1)" } }
        let keptRecalls = Dictionary(grouping: recalls, by: \.0).mapValues { Set($0.map { "recall \($0.1)" }) }
        var findings = Findings()
        for (messageID, alertID, event) in alerts {
            let after = told[alertID, default: []]
            let lines = after.filter { $0.hasPrefix("line ") }
            findings += Findings("kept lines of \(alertID)", expected: lines, actual: keptLines[alertID, default: []])
            if keptRecalls[alertID, default: []] != Set(after.filter { $0.hasPrefix("recall ") }) {
                findings.wrong.append("kept recalls of \(alertID) are not those told")
            }
            let before = try JSONDecoder().decode(Alert.self, from: Data(event)).before ?? []
            guard let expected = expected(of: messageID) else {
                let all = before.map { "line \($0.messageID)" } + after
                findings.duplicated += Set(all).count == all.count ? [] : ["context of \(alertID)"]
                continue
            }
            findings += Findings("lines before \(alertID)", expected: expected.before, actual: before.map(\.messageID))
            findings += Findings("context of \(alertID)", expected: expected.after, actual: after)
        }
        return findings
    }

    /// - Returns: `nil` for a message of a conversation whose order is not defined.
    private func expected(of messageID: String) -> Expected? {
        guard let hit = messages[messageID], !ChatStream.isCopied(hit.conversation) else { return nil }
        let said = orders[hit.conversation, default: []].compactMap { messages[$0] }
        guard let place = said.firstIndex(where: { $0.id == messageID }) else { return nil }
        var expected = Expected()
        expected.before = said[..<place].filter { $0.recalls == nil }.suffix(Self.lines).map(\.id)
        var known = Set(expected.before + [messageID])
        var lines = 0
        for message in said[(place + 1)...] {
            if let target = message.recalls {
                if known.contains(target) { expected.after.append("recall \(target)") }
            } else if lines < Self.lines {
                lines += 1
                known.insert(message.id)
                expected.after.append("line \(message.id)")
            }
        }
        return expected
    }
}
