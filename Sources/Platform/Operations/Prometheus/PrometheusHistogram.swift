import CoreMetrics
import Synchronization

/// Counts values by size. Used for timers, in seconds, and for recorders that aggregate.
final class PrometheusHistogram: TimerHandler, RecorderHandler {
    struct Reading: Equatable {
        /// Values up to and including each bound, so cumulative; the last one counts all.
        var cumulative: [Int]
        var sum: Double
    }

    /// Ascending, without the infinite one.
    let bounds: [Double]

    private struct State {
        var counts: [Int]
        var sum = 0.0
    }

    private let state: Mutex<State>

    /// - Parameter bounds: ascending.
    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    var reading: Reading {
        state.withLock { state in
            var total = 0
            let cumulative = state.counts.map { count in
                total += count
                return total
            }
            return Reading(cumulative: cumulative, sum: state.sum)
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func record(_ value: Int64) { record(Double(value)) }

    /// NaN belongs to no bucket and would spoil the sum for ever: dropped.
    func record(_ value: Double) {
        guard !value.isNaN else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }
}
