package import Contracts
import JSON
import TagScoring

/// Plays events through tag rules without a fleet. Pure.
package enum TagRulesTest {
    package struct Report: Encodable, Sendable, Equatable {
        package var events: Int
        /// Repetitions of an identity with the same content.
        package var repeated: Int
        /// Other content under a known identity; counted nowhere.
        package var conflicting: Int
        package var badLines: [IngestReport.BadLine]
        /// When was looked last.
        package var now: String
        package var customers: [Customer]
    }

    package struct Customer: Encodable, Sendable, Equatable {
        package var customerID: String
        /// Ids of the tags at the end.
        package var tags: [String]
        package var changes: [Change]
        /// When a tag may change next although nothing more comes.
        package var nextTimer: String?
    }

    package struct Change: Encodable, Sendable, Equatable {
        package var tag: String
        package var name: String
        package var change: String
        package var at: String
        package var reason: String
    }

    /// - Parameter now: the end of the play, milliseconds UTC; `nil` for the last event.
    package static func report(
        _ text: String, rules: TagRulesConfiguration, version: String, now: Int64?
    ) throws -> Report {
        let set = try TagRuleSet(rules, version: version)
        let parser = JSONParser()
        var report = Report(events: 0, repeated: 0, conflicting: 0, badLines: [], now: "", customers: [])
        var known: [EventIdentity: Int64] = [:]
        var events: [String: [CountedEvent]] = [:]
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
            do {
                let value = try withCorp(Array(line.utf8), rules.corpID, parser)
                let event = try CustomerEvent(json: parser.parse(value).root)
                guard event.corpID == rules.corpID else {
                    report.badLines.append(.init(line: index + 1, reason: "member `corp_id` names another corp"))
                    continue
                }
                if let hash = known[event.identity] {
                    if hash == event.contentHash { report.repeated += 1 } else { report.conflicting += 1 }
                    continue
                }
                known[event.identity] = event.contentHash
                report.events += 1
                events[event.customerID, default: []].append(CountedEvent(event))
            } catch {
                report.badLines.append(.init(line: index + 1, reason: "\(error)"))
            }
        }
        let end = now ?? events.values.joined().map(\.occurredAt).max() ?? 0
        report.now = Instant.text(end)
        report.customers = events.sorted { $0.key < $1.key }.map { play($0.key, $0.value, set, until: end) }
        return report
    }

    /// Looks at the customer whenever something happens or a timer is due.
    private static func play(
        _ customerID: String, _ events: [CountedEvent], _ set: TagRuleSet, until end: Int64
    ) -> Customer {
        let history = CustomerHistory(events)
        var states: [String: TagState] = [:]
        var changes: [Change] = []
        var moment = events.map(\.occurredAt).min() ?? end
        var next: Int64?
        while moment <= end {
            // The history's later events are its timers.
            let decision = set.decide(states, history, now: moment)
            for change in decision.changes {
                states[change.tag] = TagState(
                    name: change.name, held: change.change == .added, revision: change.revision)
                changes.append(
                    Change(
                        tag: change.tag, name: change.name, change: change.change.rawValue,
                        at: Instant.text(change.at), reason: change.reason))
            }
            next = decision.nextTimer
            guard let timer = next, timer > moment else { break }
            moment = timer
        }
        return Customer(
            customerID: customerID, tags: states.filter(\.value.held).map(\.key).sorted(), changes: changes,
            nextTimer: next.map(Instant.text))
    }

    private static func withCorp(_ bytes: [UInt8], _ corpID: String, _ parser: JSONParser) throws -> [UInt8] {
        let root = try parser.parse(bytes).root
        guard root.kind == .object, root["corp_id"] == nil, let brace = bytes.firstIndex(of: UInt8(ascii: "{")) else {
            return bytes
        }
        var value = bytes
        value.insert(contentsOf: Array("\"corp_id\":\"\(corpID)\"\(root.count == 0 ? "" : ",")".utf8), at: brace + 1)
        return value
    }
}

extension TagRulesTest.Report {
    package var text: String {
        var lines = badLines.map { "line \($0.line): \($0.reason)" }
        for customer in customers {
            let tags = customer.tags.isEmpty ? "no tags" : customer.tags.joined(separator: ", ")
            lines.append("\(customer.customerID): \(tags)")
            lines += customer.changes.map { change in
                "  \(change.at) \(change.change == "added" ? "+" : "-") \(change.tag) \(change.name): \(change.reason)"
            }
        }
        lines.append("\(events) events, \(repeated) repeated, \(conflicting) conflicting, as of \(now)")
        return lines.joined(separator: "\n")
    }
}
