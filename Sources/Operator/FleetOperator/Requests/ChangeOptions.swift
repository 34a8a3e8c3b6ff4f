import ArgumentParser
import Foundation

/// Options of every command that asks the lanes' owners for a change.
struct ChangeOptions: ParsableArguments, Sendable {
    @Option(help: ArgumentHelp("Why; kept with who, when and what (see `scrm audit`). Required.", valueName: "text"))
    var reason: String
    @Option(help: ArgumentHelp("Who; by default the user and machine of this command.", valueName: "name"))
    var by: String?
    @Flag(help: "Print what would change, and change nothing.")
    var dryRun = false
    @Option(
        help: ArgumentHelp(
            "Seconds to wait while nothing gets done; what was asked for stays asked for.", valueName: "seconds"))
    var timeout: Int = 60

    func validate() throws {
        guard reason.contains(where: { !$0.isWhitespace }), !reason.contains("\0") else {
            throw ValidationError("--reason must say why.")
        }
        guard (0...86_400).contains(timeout) else {
            throw ValidationError("--timeout must be from 0 to 86400 seconds.")
        }
    }

    var who: String { by ?? "\(ProcessInfo.processInfo.userName)@\(ProcessInfo.processInfo.hostName)" }
}
