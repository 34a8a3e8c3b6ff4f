import Foundation
import WorkerRuntime

/// The machine's clock and random numbers.
package struct SystemClock: RuntimeClock {
    private let start = ContinuousClock.now

    package init() {}

    package var uptime: Duration { ContinuousClock.now - start }

    package var nowMilliseconds: Int64 { Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)) }

    package func sleep(for duration: Duration) async throws { try await Task.sleep(for: duration) }

    package func random() -> UInt64 { .random(in: .min ... .max) }
}
