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

    package mutating func bad(_ line: Int, _ reason: String) {
        bad += 1
        if badLines.count < Self.maximumBadLines { badLines.append(BadLine(line: line, reason: reason)) }
    }

    package var text: String {
        var text = badLines.map { "line \($0.line): \($0.reason)\n" }.joined()
        if bad > badLines.count { text += "… and \(bad - badLines.count) more bad lines\n" }
        let rate = Int(linesPerSecond.rounded())
        return text + "\(lines) lines, \(sent) sent, \(bad) bad, \(bytes) bytes, \(rate) lines/s"
    }
}
