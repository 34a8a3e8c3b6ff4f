import Records
package import WorkerRuntime

/// Streams lines into a topic: bounded memory, order kept, every record acknowledged before it counts.
package struct Ingest {
    private let publisher: any RecordPublisher
    private let clock: any RuntimeClock
    private let line: any LineReading
    private let transform: ([UInt8]) -> [UInt8]
    private let pace: Pace
    private let patience: BrokerPatience
    private let onBad: (IngestReport.BadLine) -> Void
    private let onProgress: (IngestReport) -> Void

    /// Portions under way before one is waited for: enough to keep the broker busy.
    private static let window = 8
    private static let maximumPortionBytes = 4_194_304

    /// - Parameters:
    ///   - transform: applied to each line before it is judged.
    ///   - onNews: told when the broker keeps silent for long, and when it is back.
    ///   - onBad: told of each bad line at once, up to ``IngestReport/maximumBadLines``.
    ///   - onProgress: called after every portion.
    package init(
        publisher: any RecordPublisher, clock: any RuntimeClock, line: any LineReading, pace: Pace,
        transform: @escaping ([UInt8]) -> [UInt8] = { $0 },
        onNews: @escaping @Sendable (BrokerPatience.News) -> Void = { _ in },
        onBad: @escaping (IngestReport.BadLine) -> Void = { _ in },
        onProgress: @escaping (IngestReport) -> Void = { _ in }
    ) {
        self.publisher = publisher
        self.clock = clock
        self.line = line
        self.pace = pace
        self.transform = transform
        patience = BrokerPatience(clock: clock, tell: onNews)
        self.onBad = onBad
        self.onProgress = onProgress
    }

    /// Reads to the end and waits for every acknowledgement.
    /// - Parameter nextChunk: the next bytes; empty at the end. What arrived is sent before more is asked for, so a slow
    ///   pipe is not held back.
    package func run(
        maximumLineBytes: Int, nextChunk: () async throws -> [UInt8]
    ) async throws -> IngestReport {
        var splitter = LineSplitter(maximumBytes: maximumLineBytes)
        var report = IngestReport()
        let start = clock.uptime
        // Each portion is waited for by a task of its own: silence is told of while a pipe has nothing new, too.
        try await withThrowingTaskGroup(of: Portion.self) { underWay in
            var pending = Pending()
            while true {
                let chunk = try await nextChunk()
                var lines: [LineSplitter.Line] = []
                if chunk.isEmpty {
                    splitter.finish { lines.append($0) }
                } else {
                    splitter.feed(chunk) { lines.append($0) }
                }
                for line in lines {
                    read(line, into: &pending.records, bytes: &pending.portion.bytes, report: &report)
                    if pending.records.count >= pace.portion || pending.portion.bytes >= Self.maximumPortionBytes {
                        try await publish(&pending, &underWay, report: &report, start: start)
                    }
                }
                try await publish(&pending, &underWay, report: &report, start: start)
                if chunk.isEmpty { break }
            }
            while try await settle(&underWay, report: &report) {}
        }
        let seconds = Self.seconds(clock.uptime - start)
        report.seconds = (seconds * 1000).rounded() / 1000
        report.linesPerSecond = seconds > 0 ? (Double(report.lines) / seconds).rounded() : 0
        return report
    }

    /// Records that go to the publisher together.
    private struct Portion: Sendable {
        var records = 0
        var bytes = 0
    }

    private struct Pending {
        var records: [OutgoingRecord] = []
        var portion = Portion()
        var enqueued = 0
        var underWay = 0
    }

    private func read(
        _ line: LineSplitter.Line, into records: inout [OutgoingRecord], bytes: inout Int, report: inout IngestReport
    ) {
        switch self.line.read(line.bytes.map(transform)) {
        case .blank: break
        case .bad(let reason):
            report.lines += 1
            if let listed = report.bad(line.number, reason) { onBad(listed) }
        case .record(let record):
            report.lines += 1
            bytes += record.value?.count ?? 0
            records.append(record)
        }
    }

    private func publish(
        _ pending: inout Pending, _ underWay: inout ThrowingTaskGroup<Portion, any Error>, report: inout IngestReport,
        start: Duration
    ) async throws {
        guard !pending.records.isEmpty else { return }
        let delay = pace.delay(sent: pending.enqueued, elapsed: clock.uptime - start)
        if delay > .zero { try await clock.sleep(for: delay) }
        let records = pending.records
        let publication = try await patience.waiting { [publisher] in try await publisher.enqueue(records) }
        pending.portion.records = records.count
        let portion = pending.portion
        underWay.addTask { [patience] in
            try await patience.waiting { try await publication.acknowledged() }
            return portion
        }
        pending.underWay += 1
        pending.enqueued += records.count
        pending.records.removeAll(keepingCapacity: true)
        pending.portion = Portion()
        while pending.underWay > Self.window, try await settle(&underWay, report: &report) { pending.underWay -= 1 }
        onProgress(report)
    }

    /// Waits until one more portion is acknowledged. `false` when none is under way.
    private func settle(
        _ underWay: inout ThrowingTaskGroup<Portion, any Error>, report: inout IngestReport
    ) async throws -> Bool {
        guard let portion = try await underWay.next() else { return false }
        report.sent += portion.records
        report.bytes += portion.bytes
        return true
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}
