import Foundation

/// The distribution of the latencies, whole and hop by hop.
struct Report: Encodable {
    struct Distribution: Encodable {
        var p50: Double
        var p90: Double
        var p99: Double
        var p999: Double
        var max: Double

        /// `nil` without values.
        init?(_ values: [Double]) {
            let sorted = values.sorted()
            guard let last = sorted.last else { return nil }
            func quantile(_ share: Double) -> Double {
                sorted[min(sorted.count - 1, Int((Double(sorted.count) * share).rounded(.up)) - 1)]
            }
            (p50, p90, p99, p999) = (quantile(0.5), quantile(0.9), quantile(0.99), quantile(0.999))
            max = last
        }
    }

    var rate: Int
    var seconds: Int
    var alerts: Int
    /// Alerts that could not be read in time.
    var missing: Int
    /// From sending the message to reading its alert, milliseconds.
    var total: Distribution?
    /// Handed to the producer of chat.raw.v1 → stored by archive-ingest and handed to that of chat.messages.v1,
    /// milliseconds.
    var archive: Distribution?
    /// → taken and judged by sensitive-word-monitor.
    var judging: Distribution?
    /// → stored by it and handed to the producer of alerts.v1.
    var storing: Distribution?
    /// What remains: from there to the reader of alerts.v1.
    var ends: Distribution?

    init(rate: Int, seconds: Int, counted: [String], journal: Journal, stamps: Timestamps) {
        self.rate = rate
        self.seconds = seconds
        let latencies = counted.compactMap { id in journal.latency(of: id).map { (id, $0) } }
        alerts = latencies.count
        missing = counted.count - latencies.count
        total = Distribution(latencies.map(\.1))
        archive = Distribution(
            latencies.compactMap { id, _ in Self.step(stamps.raw[id], stamps.archived[id]) })
        judging = Distribution(
            latencies.compactMap { id, _ in Self.step(stamps.archived[id], stamps.judged[id]) })
        storing = Distribution(
            latencies.compactMap { id, _ in Self.step(stamps.judged[id], stamps.alerted[id]) })
        ends = Distribution(
            latencies.compactMap { id, latency in
                Self.step(stamps.raw[id], stamps.alerted[id]).map { max(0, latency - $0) }
            })
    }

    private static func step(_ from: Int64?, _ to: Int64?) -> Double? {
        guard let from, let to else { return nil }
        return Double(to - from)
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
