/// What an ingest did.
package struct IngestReport: Sendable, Equatable, Encodable {
    package struct BadLine: Sendable, Equatable, Encodable {
        package var line: Int
        package var reason: String
    }

    /// Lines read, blank ones not counted.
    package var lines = 0
    /// Acknowledged by the broker.
    package var sent = 0
    package var bad = 0
    /// Value bytes sent.
    package var bytes = 0
    package var seconds = 0.0
    package var linesPerSecond = 0.0
    /// The first ones; `bad` counts all.
    package var badLines: [BadLine] = []

    package static let maximumBadLines = 100

    package init() {}

    /// Counts a bad line.
    /// - Returns: the line, when it is one of those that are listed.
    package mutating func bad(_ line: Int, _ reason: String) -> BadLine? {
        bad += 1
        guard badLines.count < Self.maximumBadLines else { return nil }
        let listed = BadLine(line: line, reason: reason)
        badLines.append(listed)
        return listed
    }

    /// Without the bad lines: those were told as they were met.
    package var text: String {
        let rate = Int(linesPerSecond.rounded())
        let unlisted = bad > badLines.count ? " (the first \(badLines.count) were listed)" : ""
        return "\(lines) lines, \(sent) sent, \(bad) bad\(unlisted), \(bytes) bytes, \(rate) lines/s"
    }
}
