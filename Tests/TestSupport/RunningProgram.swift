package import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A program of the package, started as a process. Killed when the object goes away.
package final class RunningProgram: Sendable {
    package let name: String
    /// What it wrote to standard output and standard error.
    package let log: URL
    private let process: Mutex<Process>
    private let input: FileHandle?

    /// Starts a built program.
    ///
    /// - Parameters:
    ///   - environment: added to this process' environment; an empty value removes a name.
    ///   - hasInput: it reads what is said by ``say(_:)`` from its standard input.
    ///   - log: created or appended to.
    package init(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:],
        hasInput: Bool = false, log: URL
    ) throws {
        name = program
        self.log = log
        if !FileManager.default.fileExists(atPath: log.path) {
            _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        }
        let output = try FileHandle(forWritingTo: log)
        try output.seekToEnd()
        let process = Process()
        process.executableURL = Self.folder.appendingPathComponent(program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment
            .merging(environment) { $1 }
            .filter { !$0.value.isEmpty }
        let pipe = hasInput ? Pipe() : nil
        process.standardInput = pipe ?? FileHandle.nullDevice
        input = pipe?.fileHandleForWriting
        process.standardOutput = output
        process.standardError = output
        try process.start()
        try output.close()
        self.process = Mutex(process)
    }

    deinit {
        process.withLock { process in
            if process.isRunning {
                kill(process.processIdentifier, SIGKILL)
                kill(process.processIdentifier, SIGCONT)
            }
        }
    }

    /// Where the built programs are: `SCRM_BIN`, or beside the running test bundle.
    package static var folder: URL {
        if let folder = ProcessInfo.processInfo.environment["SCRM_BIN"] { return URL(fileURLWithPath: folder) }
        return URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    }

    /// Writes a line to its standard input.
    package func say(_ line: String) throws {
        try input?.write(contentsOf: Data((line + "\n").utf8))
    }

    package var isRunning: Bool { process.withLock { $0.isRunning } }

    package func send(_ signal: Int32) {
        process.withLock { process in
            if process.isRunning { kill(process.processIdentifier, signal) }
        }
    }

    /// Whether the process has arranged what it does on this signal; until then the signal ends it at once.
    package func heeds(_ signal: Int32) -> Bool {
        let id = process.withLock { $0.processIdentifier }
        guard let status = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8) else { return false }
        return status.split(separator: "\n").contains { line in
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard let name = fields.first, ["SigIgn:", "SigCgt:", "SigBlk:"].contains(name) else { return false }
            return fields.dropFirst().first.flatMap { UInt64($0, radix: 16) }.map { $0 >> (signal - 1) & 1 == 1 }
                ?? false
        }
    }

    /// Waits until the process has ended.
    /// - Returns: the exit code; for a process that was killed, minus the signal.
    package func exitCode(within limit: Duration = Patience.limit) async throws -> Int32 {
        try await eventually(within: limit, "\(name) ends (log: \(log.path))") { !self.isRunning }
        return code ?? 0
    }

    /// The exit code, for a process that was killed minus the signal; `nil` while it runs.
    package var code: Int32? {
        process.withLock { process in
            if process.isRunning { return nil }
            return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        }
    }

    /// The end of its log.
    package var lastWords: String {
        // A log that cannot be read says nothing.
        let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(20).joined(separator: "\n")
    }
}

/// Waits until the condition holds, however slow the machine is: the limit only ends what would never come.
/// - Throws: ``ConditionNotMet`` naming what was waited for.
package func eventually(
    within limit: Duration = Patience.limit, _ what: String, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw ConditionNotMet(what: what, limit: limit) }
        try await Task.sleep(for: .milliseconds(50))
    }
}

package struct ConditionNotMet: Error, CustomStringConvertible {
    package var what: String
    package var limit: Duration

    package init(what: String, limit: Duration) {
        self.what = what
        self.limit = limit
    }

    package var description: String { "not within \(limit): \(what)" }
}
