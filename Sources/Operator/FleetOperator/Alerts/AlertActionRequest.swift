import Alerting
import ArgumentParser
import Contracts
import Foundation
import Postgres
import Records
import WorkerHost

/// Options of every command that does something about alerts.
struct AlertActionOptions: ParsableArguments, Sendable {
    @Argument(help: ArgumentHelp("The alerts, by id (see `scrm alerts list --json`).", valueName: "alert"))
    var alerts: [String]
    @Option(name: .customLong("as"), help: ArgumentHelp("Who does it: a user id or a name.", valueName: "name"))
    var actor: String
    @Option(help: ArgumentHelp("What there is to say about it; kept with the alert.", valueName: "text"))
    var note: String?
    @Flag(help: "Return when it is decided; exit code 3 after --timeout.")
    var wait = false
    @Option(help: ArgumentHelp("Seconds for --wait.", valueName: "seconds"))
    var timeout: Int = 60
    @OptionGroup var options: OperatorOptions

    func validate() throws {
        guard !alerts.isEmpty else { throw ValidationError("Name at least one alert.") }
        guard AlertActionLimits.isName(actor) else {
            throw ValidationError("--as must be a name of 1 to \(AlertActionLimits.name) characters.")
        }
        guard AlertActionLimits.isNote(note ?? "") else {
            throw ValidationError("--note must have at most \(AlertActionLimits.note) characters.")
        }
        guard (1...86_400).contains(timeout) else {
            throw ValidationError("--timeout must be from 1 to 86400 seconds.")
        }
    }
}

/// One kind of action on several alerts.
struct AlertActionRequest {
    var given: AlertActionOptions
    var kind: AlertAction.Kind
    var result: AlertResult?

    struct Report: Encodable, Equatable {
        var alertID: String
        var actionID: String
        /// Only with `--wait`: `applied`, `unchanged`, `too_late`, or `unknown` when it was not decided in time.
        var outcome: String?
        /// Who has the alert now.
        var holder: String?

        var text: String {
            switch outcome {
            case nil: "\(alertID): published"
            case "applied": "\(alertID): done"
            case "unchanged": "\(alertID): it was so already"
            case "too_late": "\(alertID): too late, \(holder ?? "somebody") has it"
            default: "\(alertID): not decided yet; does alert-notifier run?"
            }
        }
    }

    /// Publishes all or nothing.
    /// - Throws: ``Outcome/notReached``: something is not decided; ``Outcome/failure``: all came too late;
    ///   ``Outcome/partial``: some did.
    func run() async throws {
        let settings = try given.options.settings(needs: [.kafka, .database])
        let reports = try await FleetDatabases.with(settings) { databases in
            let actions = try await actions(databases)
            let topic = settings.namespace.topic(Topics.alertActions)
            let records = try actions.map { try Self.record($0, topic: topic) }
            try await Cluster.with(settings) { try await $0.publish(records) }
            let published = actions.map { Report(alertID: $0.alertID, actionID: $0.actionID) }
            return given.wait ? try await decided(published, databases) : published
        }
        try given.options.console.report(reports, text: reports.map(\.text).joined(separator: "\n"))
        if reports.contains(where: { $0.outcome == "unknown" }) { throw Outcome.notReached }
        let late = reports.count { $0.outcome == AlertLife.Outcome.tooLate.rawValue }
        if late > 0 { throw late == reports.count ? Outcome.failure : Outcome.partial }
    }

    private func actions(_ databases: FleetDatabases) async throws -> [AlertAction] {
        let rows = try await databases.query(
            .alerting,
            """
            SELECT a.alert_id, a.corp_id, a.conversation_id, s.alert_id IS NOT NULL FROM alerting.alerts AS a
            LEFT JOIN alerting.alert_states AS s ON s.alert_id = coalesce(a.merged_into, a.alert_id)
            WHERE a.alert_id = ANY ($1) ORDER BY a.alert_id
            """, [.textArray(given.alerts)])
        let now = SystemClock().nowMilliseconds
        var actions: [AlertAction] = []
        for row in rows {
            let (id, corpID, conversationID) = try row.decode(String.self, String.self, String.self)
            guard try row.decode(Bool.self, at: 3) else {
                throw OperatorFailure(
                    .usage, "The alert \(id) has no state: it is a self-test, or older than states are.",
                    advice: "Nothing was done. Leave it out.")
            }
            actions.append(
                AlertAction(
                    corpID: corpID, alertID: id, conversationID: conversationID,
                    actionID: "command-\(UUID().uuidString.lowercased())", kind: kind, actor: given.actor,
                    origin: .command, at: now, result: result, note: given.note))
        }
        let missing = Set(given.alerts).subtracting(actions.map(\.alertID)).sorted()
        guard missing.isEmpty else {
            throw OperatorFailure(
                .usage, "There is no alert \(missing.joined(separator: ", ")).",
                advice: "Nothing was done. `scrm alerts list --json` has the ids.")
        }
        return actions
    }

    private static func record(_ action: AlertAction, topic: String) throws -> OutgoingRecord {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return OutgoingRecord(
            topic: topic, key: Array(action.conversationID.utf8), value: Array(try encoder.encode(action)),
            headers: [
                Header(HeaderNames.eventType, text: AlertAction.eventType),
                Header(HeaderNames.corpID, text: action.corpID),
            ])
    }

    private func decided(_ published: [Report], _ databases: FleetDatabases) async throws -> [Report] {
        var reports = published
        _ = try await Waiting(timeout: .seconds(given.timeout)).first { () -> Bool? in
            let rows = try await databases.query(
                .alerting, "SELECT action_id, outcome, holder FROM alerting.actions WHERE action_id = ANY ($1)",
                [.textArray(published.map(\.actionID))])
            for row in rows {
                let (id, outcome, holder) = try row.decode(String.self, String.self, String?.self)
                guard let index = reports.firstIndex(where: { $0.actionID == id }) else { continue }
                (reports[index].outcome, reports[index].holder) = (outcome, holder)
            }
            given.options.console.progress("\(rows.count) of \(published.count) decided")
            return rows.count == published.count ? true : nil
        }
        given.options.console.endProgress()
        return reports.map { report in
            var report = report
            report.outcome = report.outcome ?? "unknown"
            return report
        }
    }
}
