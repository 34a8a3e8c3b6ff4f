package import ArgumentParser
import Foundation

/// What the exit code of a program says.
package enum ExitStatus {
    /// Ended as asked.
    package static let success: Int32 = 0
    /// Stopped by a failure: going on would have lost data, or something broke. The last log line says what.
    package static let failure: Int32 = 1
    /// The configuration is wrong; standard error lists every fault. Restarting does not help.
    package static let configuration: Int32 = 2

    package static let help = """
        EXIT CODES
          0  ended as asked (SIGTERM or SIGINT; a second signal ends at once with 1)
          1  stopped by a failure; the last log line says what and what to do
          2  the configuration is wrong; standard error lists every fault
        """

    /// Lists the faults on standard error. Throw the result: it ends the command with ``configuration``.
    package static func refuse(_ faults: ConfigurationFaults) -> ExitCode {
        FileHandle.standardError.write(Data("\(faults)\n".utf8))
        return ExitCode(configuration)
    }
}
