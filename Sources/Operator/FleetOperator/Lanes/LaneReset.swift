/// Where each lane of a worker goes on after a reset. Pure.
package struct LaneReset: Sendable, Equatable {
    package enum Choice: String, Sendable, CaseIterable {
        /// As stored, which must lie in the log.
        case kept
        case earliest
        case latest
    }

    package struct Position: Sendable, Equatable {
        package var topic: String
        package var lane: Int32
        /// `nil`: the database has none.
        package var from: Int64?
        package var to: Int64
    }

    /// Ascending.
    package var lanes: [Int32]
    /// By topic and lane. A lane that has read other topics begins in a new one by the worker's start policy, as ever. One
    /// of which the database knows nothing, or only its name, may have published all the same, before the database was
    /// lost or restored: it is made, and begins with the first record that is there.
    package var positions: [Position] = []
    /// Offsets that can't be kept, in a sentence each.
    package var refusals: [String] = []

    /// - Parameters:
    ///   - stored: the lanes that the database knows.
    ///   - lanes: only these; empty for those and every other partition of the topics.
    package init(stored: [Int32], lanes: [Int32] = [], positions: [TopicPosition], offsets: Choice) {
        let all = Set(stored).union(positions.flatMap(\.watermarks.keys))
        self.lanes = lanes.isEmpty ? all.sorted() : lanes.sorted()
        let known = Set(positions.flatMap(\.next.keys))
        for topic in positions {
            for lane in self.lanes {
                let from = topic.next[lane]
                guard from != nil || !known.contains(lane) else { continue }
                // A partition that is not there any more holds nothing.
                let kept = topic.watermarks[lane] ?? 0..<0
                if offsets == .kept, let from, !(kept.lowerBound...kept.upperBound).contains(from) {
                    refusals.append(
                        "\(topic.topic)[\(lane)]: offset \(from) is not in the log, which has \(kept.lowerBound) to "
                            + "\(kept.upperBound)")
                }
                let to: Int64 =
                    switch offsets {
                    case .kept: from ?? kept.lowerBound
                    case .earliest: kept.lowerBound
                    case .latest: kept.upperBound
                    }
                self.positions.append(Position(topic: topic.topic, lane: lane, from: from, to: to))
            }
        }
    }

    package func text(worker: String) -> String {
        let moved = positions.filter { $0.from != $0.to }
        let lines = moved.map { "\($0.topic)[\($0.lane)] \($0.from.map(String.init) ?? "new") → \($0.to)" }
        return (lines + ["\(worker): \(lanes.count) lanes reset. Start it now."]).joined(separator: "\n")
    }
}
