import Dispatch
import Foundation
import Logging
import Synchronization
import TestSupport
import Testing

@testable import WorkerHost

struct HostShutdownTests {
    @Test func theDeadlineHoldsAlthoughTheGroupCancelsEverything() async throws {
        let ends = Atomic(0)
        let guardian = guardian(.milliseconds(50)) { ends.add(1, ordering: .relaxed) }
        let running = Task { try await guardian.run() }
        running.cancel()
        try await running.value
        try await eventually("the process is ended") { ends.load(ordering: .relaxed) == 1 }
    }

    @Test func aShutdownInTimeLeavesTheProcessAlone() async throws {
        let ends = Atomic(0)
        let deadline = DispatchSemaphore(value: 0)
        weak var watched: ShutdownGuard?
        do {
            let guardian = guardian(.seconds(600), pause: { _ in deadline.wait() }) {
                ends.add(1, ordering: .relaxed)
            }
            watched = guardian
            guardian.received("SIGTERM")
            guardian.disarm()
        }
        deadline.signal()
        // The thread of the deadline has it to the last.
        try await eventually("the deadline has passed") { watched == nil }
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
        _ deadline: Duration, _ onSignal: @escaping @Sendable () -> Void = {},
        pause: @escaping @Sendable (TimeInterval) -> Void = { Thread.sleep(forTimeInterval: $0) },
        end: @escaping @Sendable () -> Void
    ) -> ShutdownGuard {
        ShutdownGuard(
            deadline: deadline, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, onSignal: onSignal,
            end: end, pause: pause)
    }
}
