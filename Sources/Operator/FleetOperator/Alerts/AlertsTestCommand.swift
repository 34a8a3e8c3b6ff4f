import ArgumentParser
import Contracts
import Foundation
import Records
import WorkerHost

/// `scrm alerts test`.
struct AlertsTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Send a self-test alert through the notifier to a corp's robots and webhooks.",
        discussion: "Example: scrm alerts test --corp ww5a7c0e1f2b3d4c6a --robot compliance --wait")

    @Option(help: ArgumentHelp("The corp.", valueName: "id"))
    var corp: String
    @Option(help: ArgumentHelp("Only this robot; default: every robot and webhook of the corp.", valueName: "id"))
    var robot: String?
    @Flag(help: "Return when it is delivered; exit code 1 when it failed, 3 after --timeout.")
    var wait = false
    @Option(help: ArgumentHelp("Seconds for --wait.", valueName: "seconds"))
    var timeout: Int = 60
    @OptionGroup var options: OperatorOptions

    mutating func validate() throws {
        guard (1...86_400).contains(timeout) else {
            throw ValidationError("--timeout must be from 1 to 86400 seconds.")
        }
    }

    struct Report: Encodable {
        var alertID: String
        /// Only with `--wait`.
        var state: String?
        var deliveries: [AlertEntry.Delivery]?
    }

    func run() async throws {
        let settings = try options.settings(needs: wait ? [.kafka, .database] : [.kafka])
        let id = "self-test-\(UUID().uuidString.lowercased())"
        try await Cluster.with(settings) { cluster in
            let bytes = try await cluster.latest(topic: settings.namespace.topic(Topics.corps), key: "*/corps")
            let corps = try bytes.map { try CorpsFile.decode($0).corps } ?? []
            guard let corp = corps.first(where: { $0.id == self.corp }) else {
                throw OperatorFailure(
                    .usage, "There is no corp \(self.corp).", advice: "Name it with `scrm corps apply`.")
            }
            let alert = try SelfTest.alert(
                for: corp, robot: robot, id: id, nowMilliseconds: SystemClock().nowMilliseconds)
            try await cluster.publish([try record(alert, topic: settings.namespace.topic(Topics.alerts))])
        }
        guard wait else {
            try options.console.report(Report(alertID: id), text: "published \(id)")
            return
        }
        try await awaitDelivery(of: id, settings)
    }

    private func record(_ alert: Alert, topic: String) throws -> OutgoingRecord {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return OutgoingRecord(
            topic: topic, key: Array(alert.message.conversation.id.utf8), value: Array(try encoder.encode(alert)),
            headers: [
                Header(HeaderNames.eventType, text: Alert.eventType), Header(HeaderNames.corpID, text: alert.corpID),
            ])
    }

    private func awaitDelivery(of id: String, _ settings: OperatorSettings) async throws {
        let entry = try await FleetDatabases.with(settings) { databases in
            var last: AlertEntry?
            _ = try await Waiting(timeout: .seconds(timeout)).first { () -> Bool? in
                last = try await AlertPages(alertID: id).read(databases, limit: 1).first
                options.console.progress(last.map { "\(id): \($0.state)" } ?? "\(id): not yet with the notifier")
                return last.map { $0.state == "pending" } ?? true ? nil : true
            }
            options.console.endProgress()
            return last
        }
        try options.console.report(
            Report(alertID: id, state: entry?.state ?? "unknown", deliveries: entry?.deliveries ?? []),
            text: entry.map { AlertEntry.text([$0]) } ?? "\(id) has not reached the notifier; does alert-notifier run?")
        switch entry?.state {
        case "delivered": break
        case "failed", "undeliverable": throw Outcome.failure
        default: throw Outcome.notReached
        }
    }
}
