/// The series by family. A pure value; ``PrometheusMetrics`` holds the lock.
struct PrometheusRegistry {
    enum Kind: String { case counter, gauge, histogram }

    enum Series {
        case counter(PrometheusCounter)
        case gauge(PrometheusGauge)
        case histogram(PrometheusHistogram)

        var kind: Kind {
            switch self {
            case .counter: .counter
            case .gauge: .gauge
            case .histogram: .histogram
            }
        }
    }

    private struct Family {
        var kind: Kind
        var series: [PrometheusLabels: Series] = [:]
    }

    private var families: [String: Family] = [:]
    private var seriesCount = 0
    private let maximumSeries: Int

    init(maximumSeries: Int) { self.maximumSeries = maximumSeries }

    /// The series of this name and labels, made by `make` if there is none yet.
    ///
    /// - Returns: `nil` if the name is taken by another kind or there are too many series; such a metric is counted
    ///   nowhere rather than making the page invalid or the memory grow without bound.
    mutating func series(
        _ name: String, _ labels: PrometheusLabels, kind: Kind, make: () -> Series
    ) -> Series? {
        var family = families[name] ?? Family(kind: kind)
        guard family.kind == kind else { return nil }
        if let series = family.series[labels] { return series }
        guard seriesCount < maximumSeries else { return nil }
        let series = make()
        family.series[labels] = series
        families[name] = family
        seriesCount += 1
        return series
    }

    /// The page in text format 0.0.4: families in order of name, each once, with HELP where there is one.
    func page(help: [String: String]) -> String {
        var page = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            if let help = help[name] {
                page += "# HELP \(name) \(help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n"))\n"
            }
            page += "# TYPE \(name) \(family.kind.rawValue)\n"
            for (labels, series) in family.series.sorted(by: { $0.key.text < $1.key.text }) {
                Self.write(series, name, labels, to: &page)
            }
        }
        return page
    }

    private static func write(_ series: Series, _ name: String, _ labels: PrometheusLabels, to page: inout String) {
        switch series {
        case .counter(let counter):
            page += "\(name)\(labels.braced()) \(PrometheusNumber.text(counter.value))\n"
        case .gauge(let gauge):
            page += "\(name)\(labels.braced()) \(PrometheusNumber.text(gauge.value))\n"
        case .histogram(let histogram):
            let reading = histogram.reading
            for (bound, count) in zip(histogram.bounds + [.infinity], reading.cumulative) {
                let le = "le=\"\(PrometheusNumber.text(bound))\""
                page += "\(name)_bucket\(labels.braced(extra: le)) \(count)\n"
            }
            page += "\(name)_sum\(labels.braced()) \(PrometheusNumber.text(reading.sum))\n"
            page += "\(name)_count\(labels.braced()) \(reading.cumulative.last ?? 0)\n"
        }
    }
}
