package import ArgumentParser

/// `scrm alerts`.
package struct AlertsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract: "List, show, acknowledge and resolve alerts, explain who is told, or send a self-test.",
        discussion: "Example: scrm alerts list --since 24h --state failed",
        subcommands: [
            AlertsListCommand.self, AlertsShowCommand.self, AlertsAckCommand.self, AlertsResolveCommand.self,
            AlertsCommentCommand.self, AlertsReopenCommand.self, AlertsStatsCommand.self, AlertsRouteCommand.self,
            AlertsTestCommand.self,
        ])

    package init() {}
}
