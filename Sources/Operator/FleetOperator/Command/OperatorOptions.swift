package import ArgumentParser
import Contracts
import Foundation
package import WorkerHost

/// Options of every command of `scrm`.
package struct OperatorOptions: ParsableArguments, Sendable {
    @OptionGroup(title: "Connection") package var connection: ConnectionOptions

    @Flag(help: "Print one JSON object or array instead of text.")
    package var json = false

    package init() {}

    package var console: Console { Console(json: json) }

    /// Reads and checks the settings a command needs: every fault at once, none about what it doesn't use.
    /// - Throws: ``OperatorFailure`` with ``Outcome/usage``.
    package func settings(
        needs: Set<OperatorSettings.Need>, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(OperatorFailure) -> OperatorSettings {
        var reader = connection.reader(
            adding: StandardSettings.worker + Schema.allCases.map(OperatorSettings.databaseURL(of:)),
            environment: environment)
        let settings = OperatorSettings(&reader, needs: needs)
        do {
            try reader.finish()
        } catch {
            throw OperatorFailure(.usage, error.description)
        }
        return settings
    }
}
