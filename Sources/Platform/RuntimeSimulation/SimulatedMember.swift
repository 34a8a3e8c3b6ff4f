package import Records
package import WorkerRuntime

/// One process's membership of its group.
package struct SimulatedMember: GroupMember {
    package let id: Int
    private let log: SimulatedLog
    private let process: SimulatedProcess

    package init(log: SimulatedLog, process: SimulatedProcess) {
        self.log = log
        self.process = process
        id = log.state.update { state in
            state.nextMember += 1
            state.members[state.nextMember] = .init()
            return state.nextMember
        }
    }

    package func nextEvent() async throws -> MembershipEvent? {
        let id = id
        let event = try await log.state.wait { state -> MembershipEvent?? in
            guard var member = state.members[id] else { return .some(nil) }
            if member.isClosed { return .some(nil) }
            guard !member.events.isEmpty else { return nil }
            let event = member.events.removeFirst()
            state.members[id] = member
            return event
        }
        try await process.cross()
        return event
    }

    package func assign(_ positions: [TopicPartition: Int64]) async throws {
        try await process.cross()
        log.state.update { $0.members[id]?.positions = positions }
    }

    package func unassign() async throws {
        try await process.cross()
        log.state.update { $0.members[id]?.positions = [:] }
    }

    package func waitForRecords(in partitions: [TopicPartition]) async throws {
        try await process.cross()
        let id = id
        try await log.state.wait { state -> Void? in
            guard let positions = state.members[id]?.positions, partitions.contains(where: { positions[$0] != nil })
            else { return () }
            guard !state.isAway else { return nil }
            let hasRecords = partitions.contains { partition in
                let end = state.topics[partition.topic]?[Int(partition.partition)].count ?? 0
                return positions[partition].map { (0..<Int64(end)).contains($0) } ?? false
            }
            return hasRecords ? () : nil
        }
        try await process.cross()
    }

    package func takeRecords(
        from partitions: [TopicPartition], maximumRecords: Int, maximumBytes: Int
    ) async throws -> [Record] {
        try await process.cross()
        let limit = 1 + log.simulation.pick(maximumRecords)
        let records = log.state.update { state -> [Record] in
            guard var member = state.members[id], var positions = member.positions, !state.isAway else { return [] }
            var found: [Record] = []
            var bytes = 0
            for partition in partitions {
                guard let position = positions[partition], found.count < limit else { continue }
                let log = state.topics[partition.topic]?[Int(partition.partition)] ?? []
                guard position >= 0, position < log.count else { continue }
                for record in log[Int(position)...].prefix(limit - found.count) {
                    if state.markers.contains(.init(partition: partition, offset: record.offset)) {
                        // Passed by the next call, which this one leaves something to say.
                        guard found.isEmpty else { break }
                        positions[partition] = record.offset + 1
                        continue
                    }
                    guard found.isEmpty || bytes + record.byteCount <= maximumBytes else { break }
                    bytes += record.byteCount
                    found.append(record)
                    positions[partition] = record.offset + 1
                }
            }
            member.positions = positions
            state.members[id] = member
            return found
        }
        try await process.cross()
        return records
    }

    package func positions(of partitions: [TopicPartition]) -> [TopicPartition: Int64] {
        log.state.read { state in
            (state.members[id]?.positions ?? [:]).filter { partitions.contains($0.key) }
        }
    }

    package func watermarks(of partition: TopicPartition) async throws -> Range<Int64> {
        try await process.cross()
        return try log.state.read { state -> Result<Range<Int64>, LogFailure> in
            if state.isAway || state.leaderless.contains(partition) {
                return .failure(LogFailure("broker away", disposition: .retry))
            }
            return .success(0..<Int64(state.topics[partition.topic]?[Int(partition.partition)].count ?? 0))
        }.get()
    }

    package func commit(_ positions: [TopicPartition: Int64]) {}

    package func describe(topics: [String]) async throws -> LogDescription {
        try await process.cross()
        return try log.state.read { state -> Result<LogDescription, LogFailure> in
            if state.isAway { return .failure(LogFailure("broker away", disposition: .retry)) }
            let counts = topics.map { ($0, Int32(state.topics[$0]?.count ?? 0)) }
            return .success(
                LogDescription(clusterID: log.clusterID, partitions: Dictionary(uniqueKeysWithValues: counts)))
        }.get()
    }

    package func close() async {
        guard !process.isDead else { return }
        log.state.update { state in
            state.members[id]?.isClosed = true
            state.members[id]?.positions = [:]
        }
    }
}
