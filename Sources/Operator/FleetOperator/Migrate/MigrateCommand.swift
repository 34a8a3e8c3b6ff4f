package import ArgumentParser
import Contracts
import Foundation
import Postgres

/// `scrm migrate`.
package struct MigrateCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Create or update the workers' schemas and roles.",
        discussion: """
            One schema and one role per worker; each may be on a server of its own (DATABASE_URL_ARCHIVE and so on). Safe to
            run again and at the same time. A history that doesn't fit is refused and nothing is changed.
            With SCRM_ROLE_PASSWORD in the environment the roles get that password.

            Example: scrm migrate --plan
            """)

    @Option(
        help: ArgumentHelp(
            "Only this schema; repeatable: archive, monitor, alerting, tagging, campaigns.", valueName: "name"))
    var schema: [String] = []
    @Flag(help: "Print what would be done and change nothing.")
    var plan = false
    @OptionGroup var options: OperatorOptions

    package init() {}

    struct Report: Encodable {
        var schema: String
        var role: String
        /// Steps applied now, or that would be.
        var steps: [String]
        var applied: Bool
    }

    package func run() async throws {
        let schemas = try schema.isEmpty ? Schema.allCases : schema.map { try Schema(worker: $0) }
        let settings = try options.settings(needs: [.database])
        let console = options.console
        let password = ProcessInfo.processInfo.environment["SCRM_ROLE_PASSWORD"].flatMap { $0.isEmpty ? nil : $0 }
        let reports = try await FleetDatabases.with(settings) { databases in
            var reports: [Report] = []
            for schema in schemas {
                let steps =
                    plan
                    ? try await SchemaMigration.pending(schema, databases)
                    : try await SchemaMigration.apply(schema, databases, rolePassword: password)
                reports.append(Report(schema: schema.rawValue, role: schema.role, steps: steps, applied: !plan))
            }
            return reports
        }
        try console.report(reports, text: reports.map { Self.text($0) }.joined(separator: "\n"))
    }

    private static func text(_ report: Report) -> String {
        guard !report.steps.isEmpty else { return "\(report.schema): up to date, role \(report.role)" }
        let verb = report.applied ? "applied" : "would apply"
        return "\(report.schema): \(verb) \(report.steps.joined(separator: ", ")); role \(report.role)"
    }
}
