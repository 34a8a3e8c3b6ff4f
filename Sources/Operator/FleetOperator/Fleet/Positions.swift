/// How far one worker is in one of its topics. Pure.
package struct TopicPosition: Sendable, Equatable {
    /// With namespace.
    package var topic: String
    /// Next offset by lane, as the worker stored it in its transactions.
    package var next: [Int32: Int64]
    /// What the broker keeps, by partition.
    package var watermarks: [Int32: Range<Int64>]

    package init(topic: String, next: [Int32: Int64], watermarks: [Int32: Range<Int64>]) {
        self.topic = topic
        self.next = next
        self.watermarks = watermarks
    }

    /// Records that wait. A lane that never stored an offset has everything before it.
    package var lag: Int64 {
        watermarks.reduce(0) { total, entry in
            let (partition, kept) = entry
            return total + max(0, kept.upperBound - max(next[partition] ?? kept.lowerBound, kept.lowerBound))
        }
    }

    /// Lanes whose stored offset lies beyond the end of the partition: the topic is another one than it was.
    package var beyondTheEnd: [Int32] {
        watermarks.filter { (next[$0.key] ?? 0) > $0.value.upperBound }.keys.sorted()
    }

    /// Lanes that stand before the first record kept: retention took records nobody processed.
    package var lost: [Int32] {
        watermarks.filter { (next[$0.key] ?? $0.value.lowerBound) < $0.value.lowerBound }.keys.sorted()
    }
}
