import FleetHarness
import Foundation

/// What became of a run.
struct ChaosReport: Encodable {
    struct Faults: Encodable {
        var total: Int
        var byKind: [String: Int]
        /// Why a kind could not happen here.
        var unavailable: [String: String]
    }

    struct TakeOvers: Encodable {
        var count: Int
        var medianSeconds: Double
        var longestSeconds: Double
    }

    var seed: UInt64
    var seconds: Int
    /// Sent to the raw topic, copies included.
    var records: Int
    var faults: Faults
    var lost: Int
    var duplicated: Int
    var outOfOrder: Int
    /// Whatever else must not be: other content, dead letters, copies that ended by themselves.
    var wrong: Int
    /// Of a lane whose owner was hit by nothing, while nothing was wrong for all: rebalances, mostly.
    var longestPauseOfUnaffectedLaneSeconds: Double
    var takeOver: TakeOvers
    /// Deliveries of which nobody knows whether they arrived, and that were repeated with the words that say so.
    var unsureDeliveries: Int
    /// What was published again and dropped by whoever reads it.
    var repeatedOnTheWire: Int
    /// The first few of what differs.
    var examples: [String]

    init(
        seed: UInt64, seconds: Int, records: Int, faults: [Fault], happened: [String: Int], findings: Findings,
        lanes: LaneSummary, unsure: Int, repeated: Int
    ) {
        self.seed = seed
        self.seconds = seconds
        self.records = records
        let available = faults.filter { $0.unavailable == nil }.map { ($0.kind, happened[$0.kind, default: 0]) }
        self.faults = Faults(
            total: happened.values.reduce(0, +), byKind: Dictionary(available) { $1 },
            unavailable: Dictionary(faults.compactMap { fault in fault.unavailable.map { (fault.kind, $0) } }) { $1 })
        lost = findings.lost.count
        duplicated = findings.duplicated.count
        outOfOrder = findings.outOfOrder.count
        wrong = findings.wrong.count
        longestPauseOfUnaffectedLaneSeconds = Self.seconds(lanes.longestPause)
        let sorted = lanes.takeOvers.sorted()
        takeOver = TakeOvers(
            count: sorted.count, medianSeconds: sorted.isEmpty ? 0 : Self.seconds(sorted[sorted.count / 2]),
            longestSeconds: Self.seconds(sorted.last ?? .zero))
        unsureDeliveries = unsure
        repeatedOnTheWire = repeated
        examples = findings.description.split(separator: "\n").map(String.init)
    }

    var isClean: Bool { lost + duplicated + outOfOrder + wrong == 0 }

    private static func seconds(_ duration: Duration) -> Double {
        (Double(duration.components.seconds) * 10 + (Double(duration.components.attoseconds) / 1e17).rounded()) / 10
    }

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    var text: String {
        let kinds = faults.byKind.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        let missing = faults.unavailable.sorted { $0.key < $1.key }.map { "  unavailable: \($0.key), \($0.value)" }
        let lines = [
            "\(records) records in \(seconds) s, seed \(seed)", "\(faults.total) faults: \(kinds)",
            "lost \(lost), duplicated \(duplicated), out of order \(outOfOrder), otherwise wrong \(wrong)",
            "longest pause of an unaffected lane: \(longestPauseOfUnaffectedLaneSeconds) s",
            "take-over: median \(takeOver.medianSeconds) s, longest \(takeOver.longestSeconds) s of \(takeOver.count)",
            "deliveries that ended unsure: \(unsureDeliveries); repetitions on the wire: \(repeatedOnTheWire)",
        ]
        return (lines + missing + examples).joined(separator: "\n")
    }
}
