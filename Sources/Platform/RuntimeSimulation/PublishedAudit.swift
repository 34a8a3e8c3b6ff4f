import Records

/// Examines numbered records as they arrive at the broker: at first occurrence, numbers of a stream rise in each
/// partition.
///
/// A restored database begins another run of numbers, 2³² higher. What arrives late of an earlier run is no concern:
/// consumers drop it, and its records are published again under new numbers.
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

    private struct Stream: Hashable {
        var topic: String
        var source: String
    }

    private var lines: [Place: Line] = [:]
    private var streams: [Stream: Set<Int64>] = [:]
    private(set) var violations: [String] = []

    mutating func arrived(_ number: SourceNumber, topic: String, partition: Int32) {
        streams[Stream(topic: topic, source: number.source), default: []].insert(number.sequence)
        let place = Place(topic: topic, partition: partition, source: number.source)
        var line = lines[place, default: Line()]
        if line.seen.insert(number.sequence).inserted {
            if line.highest > number.sequence, Self.run(line.highest) == Self.run(number.sequence) {
                violations.append(
                    "\(topic)[\(partition)]: \(number.source) \(number.sequence.story) appears first after "
                        + line.highest.story)
            }
            line.highest = max(line.highest, number.sequence)
        }
        lines[place] = line
    }

    /// Numbers left out by the outbox streams of a topic, at the end.
    /// - Parameter run: how often the database has been restored; earlier runs were cut off.
    func gaps(in topic: String, run: Int64) -> [String] {
        streams.filter { $0.key.topic == topic }.sorted { $0.key.source < $1.key.source }.compactMap {
            stream, numbers in
            let numbers = numbers.filter { Self.run($0) == run }
            guard let last = numbers.max(), let first = run == 0 ? 1 : numbers.min() else { return nil }
            let missing = last - first + 1 - Int64(numbers.count)
            return missing == 0
                ? nil : "\(stream.source): \(missing) of the numbers \(first.story) to \(last.story) were not published"
        }
    }

    /// Outbox numbers jump by 2³² and derived ones by 1024 times as much; no run has more than that.
    private static func run(_ number: Int64) -> Int64 {
        let jump = SimulatedDatabase.jump
        return number >= jump << 10 ? number / (jump << 10) : number / jump
    }
}
