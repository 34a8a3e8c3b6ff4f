import Records

/// Where a lane goes on in one partition, or why it must not. Pure.
enum StartPosition: Equatable {
    /// As stored.
    case stored(Int64)
    /// Never read before: begin here, and store it so that `latest` means the same record after a restart.
    case first(Int64)
    case refused(String)

    static func resolve(
        _ partition: TopicPartition, stored: LaneOffset?, watermarks: Range<Int64>, clusterID: String,
        policy: StartPolicy
    ) -> StartPosition {
        guard let stored else {
            return .first(policy == .earliest ? watermarks.lowerBound : watermarks.upperBound)
        }
        if stored.clusterID != clusterID {
            return .refused(
                "\(partition): stored offset \(stored.next) belongs to cluster \(stored.clusterID), this is \(clusterID): "
                    + "another topic")
        }
        if stored.next < watermarks.lowerBound {
            return .refused(
                "\(partition): next offset \(stored.next) is below the first one kept, \(watermarks.lowerBound): "
                    + "retention lost \(watermarks.lowerBound - stored.next) records")
        }
        if stored.next > watermarks.upperBound {
            return .refused(
                "\(partition): next offset \(stored.next) is above the end, \(watermarks.upperBound): another topic")
        }
        return .stored(stored.next)
    }
}
