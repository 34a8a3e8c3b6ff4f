package import ArgumentParser
import Foundation

/// `scrm`: the operator's command line.
package struct Scrm: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "scrm",
        abstract: "Runs a fleet: migrates, configures, feeds and watches it.",
        discussion: """
            Exit codes: 0 done; 1 failed; 2 the command line, a setting or a file is wrong and nothing was changed;
            3 not reached in time (drain, --wait, redrive); 4 done, except for some bad lines or records.

            Settings: option, else environment variable, else --config file.

            Example: scrm ingest messages.jsonl --corp ww5a7c0e1f2b3d4c6a
            """,
        subcommands: [
            MigrateCommand.self, TopicsCommand.self, CorpsCommand.self, RulesCommand.self, DirectoryCommand.self,
            TagRulesCommand.self, CampaignsCommand.self, IngestCommand.self, EventsCommand.self, AlertsCommand.self,
            TagsCommand.self, ArchiveCommand.self, DeadLettersCommand.self, KeysCommand.self, AuditCommand.self,
            LagCommand.self, LanesCommand.self, DrainCommand.self, SummaryCommand.self, WatchCommand.self,
        ])

    package init() {}

    /// Runs the process's arguments and ends the process.
    package static func run() async -> Never {
        Foundation.exit(await outcome(of: Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    /// Runs a command line and says how it ended. Errors are printed to standard error.
    package static func outcome(of arguments: [String]) async -> Outcome {
        do {
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return .success
        } catch let failure as OperatorFailure {
            print(failure.description, to: .standardError)
            return failure.outcome
        } catch let outcome as Outcome {
            return outcome
        } catch is CancellationError {
            return .failure
        } catch {
            // The argument parser's own: help and version are results, everything else is a wrong command line.
            guard exitCode(for: error) != .success else {
                print(fullMessage(for: error), to: .standardOutput)
                return .success
            }
            print(fullMessage(for: error), to: .standardError)
            return exitCode(for: error) == .validationFailure ? .usage : .failure
        }
    }

    private static func print(_ text: String, to handle: FileHandle) {
        if !text.isEmpty { handle.write(Data((text + "\n").utf8)) }
    }
}
