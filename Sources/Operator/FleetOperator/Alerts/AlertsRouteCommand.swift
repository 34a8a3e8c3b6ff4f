import ArgumentParser
import Contracts
import ConversationArchive
import Foundation
import WorkerHost

/// `scrm alerts route`.
struct AlertsRouteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "route",
        abstract: "Explain who would be told of an archived message by the rules and the directory in force, and why.",
        discussion: """
            Nothing is sent. Not asked are the message's age (too old a message alerts nobody) and whether the hit would \
            join an earlier alert of its conversation; `scrm alerts list` says what did happen.

            Example: scrm alerts route 7304418299001275566_1741571101223_external
            """)

    @Argument(help: ArgumentHelp("The platform's message id.", valueName: "msgid"))
    var messageID: String
    @Option(help: ArgumentHelp("Only in this corp's archive.", valueName: "id"))
    var corp: String?
    @OptionGroup var options: OperatorOptions

    struct Report: Encodable {
        var corpID: String
        var msgid: String
        var routes: [AlertRoute]

        var text: String {
            routes.isEmpty ? "No rule hits: nobody is told." : routes.map(\.text).joined(separator: "\n")
        }
    }

    func run() async throws {
        let settings = try options.settings(needs: [.kafka, .database])
        let found = try await FleetDatabases.with(settings) { databases in
            try await ArchivedEntry.find(messageID, corpID: corp, databases)
        }
        guard !found.isEmpty else { throw ArchivedEntry.missing(messageID, corpID: corp) }
        var reports: [Report] = []
        for entry in found { reports.append(try await report(entry, settings)) }
        try options.console.report(
            reports,
            text: reports.map { (reports.count > 1 ? "\($0.corpID)\n" : "") + $0.text }.joined(separator: "\n"))
    }

    private func report(_ entry: ArchivedEntry, _ settings: OperatorSettings) async throws -> Report {
        let rules = try await AppliedRules.one(settings, corp: entry.corpID)
        let (directory, corps) = try await Cluster.with(settings) { cluster in
            (
                try await cluster.latest(
                    topic: settings.namespace.topic(Topics.directory), key: "\(entry.corpID)/\(DirectoryFile.kind)"
                ).map(DirectoryFile.decode),
                try await cluster.latest(topic: settings.namespace.topic(Topics.corps), key: "*/corps")
                    .map(CorpsFile.decode)?.corps ?? []
            )
        }
        return Report(
            corpID: entry.corpID, msgid: entry.msgid,
            routes: try AlertRoute.all(
                of: try message(entry, directory), rules: rules.configuration, version: rules.version,
                directory: directory, corp: corps.first { $0.id == entry.corpID },
                now: SystemClock().nowMilliseconds))
    }

    /// The event that the archive published.
    private func message(_ entry: ArchivedEntry, _ directory: DirectoryConfiguration?) throws -> ChatMessage {
        let archive = ArchiveDirectory(
            corps: [entry.corpID], disguised: directory.map { [DisguisedEmployees($0)] } ?? [])
        // Why not is said below, without the message's words.
        if let message = try? ChatMessage.archived(Array(entry.raw.utf8), corpID: entry.corpID, directory: archive) {
            return message
        }
        throw OperatorFailure(
            .failure, "The message \(entry.msgid) can't be read by this scrm.",
            advice: "Use the version that archived it.")
    }
}
