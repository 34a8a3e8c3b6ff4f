/// One worker as `scrm lag` shows it.
package struct LagReport: Sendable, Equatable, Encodable {
    package var worker: String
    package var copies: Int
    package var partitions: Int
    package var lagRecords: Int64?
    package var lagSeconds: Double?
    /// Shares of the copies' time, 0–1.
    package var stages: [String: Double]
    package var waitingFor: [String]
    package var advice: String

    package init(_ load: WorkerLoad) {
        worker = load.worker
        copies = load.copies
        partitions = load.partitions
        lagRecords = load.lagRecords
        lagSeconds = load.lagSeconds
        stages = Dictionary(
            uniqueKeysWithValues: load.shares.map { ($0.key.rawValue, ($0.value * 1000).rounded() / 1000) })
        waitingFor = load.waitingFor
        advice = ScalingAdvice.sentence(load)
    }

    package static func text(_ reports: [LagReport]) -> String {
        var table = TextTable(header: ["WORKER", "COPIES", "LAG RECORDS", "LAG SECONDS", "MORE COPIES?"])
        for report in reports {
            table.append([
                report.worker, "\(report.copies) of \(report.partitions)", report.lagRecords.map(String.init) ?? "?",
                report.lagSeconds.map { String(($0 * 10).rounded() / 10) } ?? "?", report.advice,
            ])
        }
        return table.text
    }
}
