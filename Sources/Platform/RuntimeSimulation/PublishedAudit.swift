import Records

/// Examines numbered records as they arrive at the broker: at first occurrence, numbers of a stream rise in each
/// partition.
///
/// A restored database, and another configuration, begin another run of numbers, much higher. What arrives late of an
/// earlier run is no concern: consumers drop it, and its records are published again under new numbers.
struct PublishedAudit: Sendable {
    private struct Place: Hashable {
        var topic: String
        var partition: Int32
        var source: String
    }

    private struct Line {
        var highest: Int64 = -1
        var seen: Set<Int64> = []
    }

    private var lines: [Place: Line] = [:]
    /// By source: an outbox publishes to several topics.
    private var streams: [String: Set<Int64>] = [:]
    /// A message that came through two lanes may be published for one, rolled back, and stored for the other; what is
    /// published late then is dropped behind.
    var mayComeLate: @Sendable (OutgoingRecord) -> Bool = { _ in false }
    private(set) var violations: [String] = []

    mutating func arrived(_ number: SourceNumber, _ record: OutgoingRecord, in partition: Int32) {
        let topic = record.topic
        streams[number.source, default: []].insert(number.sequence)
        let place = Place(topic: topic, partition: partition, source: number.source)
        var line = lines[place, default: Line()]
        if line.seen.insert(number.sequence).inserted {
            if line.highest > number.sequence, !mayComeLate(record),
                Self.run(line.highest, of: number.source) == Self.run(number.sequence, of: number.source)
            {
                violations.append(
                    "\(topic)[\(partition)]: \(number.source) \(number.sequence.story) appears first after "
                        + line.highest.story)
            }
            line.highest = max(line.highest, number.sequence)
        }
        lines[place] = line
    }

    /// Numbers left out by an outbox stream, at the end. Runs before the last reset were cut off.
    /// - Parameter next: the stream's next number.
    func gap(of source: String, next: Int64) -> String? {
        let run = Self.run(next, of: source)
        let numbers = streams[source, default: []].filter { Self.run($0, of: source) == run }
        guard let first = run == 0 ? 1 : numbers.min() else { return nil }
        return Int64(numbers.count) == next - first
            ? nil
            : "\(source): \(numbers.count) numbers were published from \(first.story) to \((next - 1).story)"
    }

    /// Which reset the number follows, or for derived records, which change of the configuration. Derived numbers are 1024
    /// times as high as those of an outbox.
    private static func run(_ number: Int64, of source: String) -> Int64 {
        number >> (source.hasPrefix(SimulatedFleet.raw) ? 30 : 22)
    }
}
