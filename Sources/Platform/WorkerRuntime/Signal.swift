/// Something that happens once.
final class Signal: Sendable {
    private let fired = Watched(false)

    var isFired: Bool { fired.read { $0 } }

    func fire() { fired.update { $0 = true } }

    /// Returns once it has happened. Throws `CancellationError`.
    func wait() async throws {
        try await fired.wait { $0 ? () : nil }
    }
}

extension Signal {
    /// Runs `operation` until it ends or the signal fires, whichever is first; then the operation is cancelled and
    /// waited for.
    /// - Returns: `nil` if the signal came first.
    func interrupting<Result: Sendable>(
        _ operation: @escaping @Sendable () async throws -> Result
    ) async throws -> Result? {
        if isFired { return nil }
        return try await firstOf(operation) { try await self.wait() }
    }
}

extension RuntimeClock {
    /// Runs `operation` for at most `limit`; then it is cancelled and waited for.
    /// - Returns: `nil` if time ran out.
    package func limiting<Result: Sendable>(
        to limit: Duration, _ operation: @escaping @Sendable () async throws -> Result
    ) async throws -> Result? {
        try await firstOf(operation) { try await self.sleep(for: limit) }
    }

    /// Sleeps, but not beyond the signal.
    func sleep(for duration: Duration, unless signal: Signal) async throws {
        _ = try await signal.interrupting { try await self.sleep(for: duration) }
    }
}

private func firstOf<Result: Sendable>(
    _ operation: @escaping @Sendable () async throws -> Result, _ end: @escaping @Sendable () async throws -> Void
) async throws -> Result? {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            try await end()
            return nil
        }
        defer { group.cancelAll() }
        return try await group.next() ?? nil
    }
}
