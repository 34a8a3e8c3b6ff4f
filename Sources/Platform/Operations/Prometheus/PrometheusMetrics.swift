package import CoreMetrics
import Synchronization

/// Keeps the metrics of this process and writes them as a Prometheus text page.
///
/// Counters stay counters, meters and gauges become gauges, timers become histograms in seconds (`_seconds` is added to
/// the name where it is missing), recorders become histograms. Asking twice for the same name and labels gives the same
/// series. Safe to use from any thread.
package final class PrometheusMetrics: MetricsFactory {
    /// Seconds; from a millisecond to a minute.
    static let timeBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
    /// Records or bytes.
    static let sizeBounds: [Double] = [
        1, 10, 100, 500, 1000, 2500, 5000, 10_000, 50_000, 100_000, 1_000_000, 10_000_000,
    ]

    private let constantLabels: [(String, String)]
    private let help: [String: String]
    private let registry: Mutex<PrometheusRegistry>

    /// - Parameters:
    ///   - labels: on every series.
    ///   - help: one line of meaning by metric name.
    package init(labels: [(String, String)] = [], help: [String: String] = [:], maximumSeries: Int = 5000) {
        constantLabels = labels
        self.help = Dictionary(help.map { (PrometheusName.metric($0.key), $0.value) }) { first, _ in first }
        registry = Mutex(PrometheusRegistry(maximumSeries: maximumSeries))
    }

    /// The whole page, text format 0.0.4.
    package func page() -> String { registry.withLock { $0 }.page(help: help) }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        if aggregate {
            histogram(PrometheusName.metric(label), dimensions, bounds: Self.sizeBounds)
        } else {
            gauge(label, dimensions)
        }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let name = PrometheusName.metric(label)
        return histogram(
            name.hasSuffix("_seconds") ? name : "\(name)_seconds", dimensions, bounds: Self.timeBounds)
    }

    // A series outlives its handles: another handle may share it, and Prometheus dislikes series that come and go.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> PrometheusCounter {
        let series = series(PrometheusName.metric(label), dimensions, .counter) { .counter(PrometheusCounter()) }
        guard case .counter(let counter) = series else { return PrometheusCounter() }
        return counter
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> PrometheusGauge {
        let series = series(PrometheusName.metric(label), dimensions, .gauge) { .gauge(PrometheusGauge()) }
        guard case .gauge(let gauge) = series else { return PrometheusGauge() }
        return gauge
    }

    private func histogram(
        _ name: String, _ dimensions: [(String, String)], bounds: [Double]
    ) -> PrometheusHistogram {
        let series = series(name, dimensions, .histogram) { .histogram(PrometheusHistogram(bounds: bounds)) }
        guard case .histogram(let histogram) = series else { return PrometheusHistogram(bounds: bounds) }
        return histogram
    }

    private func series(
        _ name: String, _ dimensions: [(String, String)], _ kind: PrometheusRegistry.Kind,
        _ make: () -> PrometheusRegistry.Series
    ) -> PrometheusRegistry.Series? {
        let labels = PrometheusLabels(dimensions + constantLabels)
        return registry.withLock { $0.series(name, labels, kind: kind, make: make) }
    }
}
