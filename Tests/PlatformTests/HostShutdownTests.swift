import Logging
import Synchronization
import Testing

@testable import WorkerHost

struct HostShutdownTests {
    @Test func theDeadlineHoldsAlthoughTheGroupCancelsEverything() async throws {
        let ends = Atomic(0)
        let guardian = guardian(.milliseconds(50)) { ends.add(1, ordering: .relaxed) }
        let running = Task { try await guardian.run() }
        running.cancel()
        try await running.value
        try await eventually { ends.load(ordering: .relaxed) == 1 }
    }

    @Test func aShutdownInTimeLeavesTheProcessAlone() async throws {
        let ends = Atomic(0)
        let guardian = guardian(.milliseconds(50)) { ends.add(1, ordering: .relaxed) }
        guardian.received("SIGTERM")
        guardian.disarm()
        try await Task.sleep(for: .milliseconds(200))
        #expect(ends.load(ordering: .relaxed) == 0)
    }

    @Test func theSecondSignalEndsAtOnce() {
        let ends = Atomic(0)
        let signals = Atomic(0)
        let guardian = guardian(.seconds(600), { signals.add(1, ordering: .relaxed) }) {
            ends.add(1, ordering: .relaxed)
        }
        guardian.received("SIGTERM")
        #expect(ends.load(ordering: .relaxed) == 0)
        guardian.received("SIGINT")
        #expect(ends.load(ordering: .relaxed) == 1)
        #expect(signals.load(ordering: .relaxed) == 1)
        guardian.disarm()
    }

    private func guardian(
        _ deadline: Duration, _ onSignal: @escaping @Sendable () -> Void = {}, end: @escaping @Sendable () -> Void
    ) -> ShutdownGuard {
        ShutdownGuard(
            deadline: deadline, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, onSignal: onSignal,
            end: end)
    }

    private func eventually(_ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while !condition() {
            try #require(ContinuousClock.now < deadline, "the condition never came true")
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
