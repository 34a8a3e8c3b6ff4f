package import ArgumentParser
import Foundation

/// A worker's command. Same as `AsyncParsableCommand`, except that a mistake on the command line ends the program with
/// ``ExitStatus/configuration``, as any other mistake in the configuration does.
package protocol WorkerCommand: AsyncParsableCommand {}

extension WorkerCommand {
    // `@concurrent`, as in ArgumentParser: `@main` would prefer that one to a `nonisolated(nonsending)` function.
    @concurrent package static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                // `--help` and `--version` come as commands of their own.
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    private static func end(with error: any Error) -> Never {
        guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
        FileHandle.standardError.write(Data((fullMessage(for: error) + "\n").utf8))
        exit(withError: ExitCode(ExitStatus.configuration))
    }
}
