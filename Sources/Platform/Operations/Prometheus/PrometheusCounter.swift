import CoreMetrics
import Synchronization

/// A number that only grows. Used for whole and floating-point counters.
final class PrometheusCounter: CounterHandler, FloatingPointCounterHandler {
    private let state = Mutex(0.0)

    var value: Double { state.withLock { $0 } }

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    /// Negative and odd amounts are dropped: a counter that falls looks like a restart to Prometheus.
    func increment(by amount: Double) {
        guard amount.isFinite, amount >= 0 else { return }
        state.withLock { $0 += amount }
    }

    func reset() { state.withLock { $0 = 0 } }
}
