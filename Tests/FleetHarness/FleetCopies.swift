import Foundation
import Synchronization
import TestSupport

#if canImport(Glibc)
    import Glibc
#endif

/// The running copies of the workers, which faults happen to.
package final class FleetCopies: Sendable {
    /// A place for a process: it may be killed and started again.
    package struct Copy: Sendable, Hashable {
        package var program: String
        package var number: Int

        /// The name in the heartbeats.
        package var instance: String { "\(program)-\(number)" }
    }

    private let fleet: TestFleet
    private let arguments: [String: [String]]
    private let running = Mutex<[Copy: RunningProgram]>([:])
    /// What a copy did that was asked to end, if not what it should.
    private let misbehaviour = Mutex<[String]>([])

    /// Starts copies of each program.
    /// - Parameter arguments: by program, of each of its copies.
    package init(
        _ fleet: TestFleet, of programs: [String], copies: Int, arguments: [String: [String]] = [:]
    ) throws {
        self.fleet = fleet
        self.arguments = arguments
        for program in programs {
            for number in 1...copies { try start(Copy(program: program, number: number)) }
        }
    }

    /// In a fixed order.
    package var all: [Copy] {
        running.withLock { $0.keys.sorted { ($0.program, $0.number) < ($1.program, $1.number) } }
    }

    package func of(_ program: String) -> [Copy] { all.filter { $0.program == program } }

    /// Ends a copy at once and starts it again.
    package func kill(_ copy: Copy) throws {
        process(copy)?.send(SIGKILL)
        try start(copy)
    }

    /// Stops a copy and lets it go on later.
    package func freeze(_ copy: Copy, for duration: Duration) async throws {
        let program = process(copy)
        program?.send(SIGSTOP)
        defer { program?.send(SIGCONT) }
        try await Task.sleep(for: duration)
    }

    /// Asks a copy to end, waits for it, and starts it again.
    package func restart(_ copy: Copy) async throws {
        defer {
            // What can't be started again is missed at the end.
            if running.withLock({ $0[copy] == nil }) { try? start(copy) }
        }
        try await end(copy)
    }

    /// Starts or ends copies of a program until there are so many.
    package func scale(_ program: String, to count: Int) async throws {
        for number in 1...max(1, count) where !of(program).contains(Copy(program: program, number: number)) {
            try start(Copy(program: program, number: number))
        }
        for copy in of(program) where copy.number > count { try await end(copy) }
    }

    /// Every copy that ended by itself or did not end as asked: none should.
    package var complaints: [String] {
        let ended = running.withLock { running in
            running.values.compactMap { program in
                program.code.map { "\(program.name) ended with \($0):\n\(program.lastWords)" }
            }
        }
        return misbehaviour.withLock { $0 } + ended
    }

    private func process(_ copy: Copy) -> RunningProgram? { running.withLock { $0[copy] } }

    private func start(_ copy: Copy) throws {
        let given = arguments[copy.program].map { $0 } ?? ["--instance", copy.instance]
        let program = try fleet.start(copy.program, copy: copy.number, given)
        running.withLock { $0[copy] = program }
    }

    private func end(_ copy: Copy) async throws {
        guard let program = running.withLock({ $0.removeValue(forKey: copy) }) else { return }
        try await eventually("\(copy.instance) can be asked to end") { program.heeds(SIGTERM) || !program.isRunning }
        program.send(SIGTERM)
        let code = try await program.exitCode()
        if code != 0 { misbehaviour.withLock { $0.append("\(copy.instance) ended with \(code) when asked to end") } }
    }
}
