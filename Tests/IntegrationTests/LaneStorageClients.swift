import Foundation
import TestSupport

/// A `psql` that stops after its last line and keeps its connection open: what a worker under SIGSTOP looks like to the
/// server.
final class StuckCopy: Sendable {
    private let process: Process
    private let input: Pipe

    init(database: String, script: String) throws {
        process = Process()
        input = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["psql", "-qXd", database]
        process.standardInput = input
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.start()
        try input.fileHandleForWriting.write(contentsOf: Data((script + "\n").utf8))
    }

    /// Does not wait: a thread of the cooperative pool must not block, and Foundation collects the process.
    func end() {
        kill(process.processIdentifier, SIGKILL)
    }
}
