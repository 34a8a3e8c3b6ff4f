import Records

/// Work beside the batches.
extension Lane {
    /// The lane as the handler's `run(while:)` sees it.
    var session: LaneSession<Store.Transaction> {
        LaneSession(lane: number, laneCount: width, passEnds: passEnds(within:)) { body in
            do {
                try await self.perform(LaneChange()) { transaction, _ in try await body(transaction) }
            } catch let error as LaneLost {
                self.fail(error)
                throw CancellationError()
            } catch let error as RuntimeHalt {
                self.fail(error)
                throw error
            } catch is BatchDiscarded {
                throw CancellationError()
            }
        }
    }

    /// Where the lane's topics end; `nil` when the broker doesn't say.
    func ends() async throws -> [String: Int64]? {
        var ends: [String: Int64] = [:]
        for source in context.sources {
            do {
                ends[source.name] =
                    try await context.member.watermarks(
                        of: TopicPartition(topic: source.name, partition: number)
                    ).upperBound
            } catch {
                // What fails for good fails elsewhere too.
                try Task.checkCancellation()
                return nil
            }
        }
        return ends
    }

    /// Asks the broker once for the ends of the lane's partitions and waits until the stored offsets have passed them.
    @Sendable private func passEnds(within patience: Duration) async throws -> Bool {
        let pause = Duration.milliseconds(50)
        return try await context.clock.limiting(to: patience) {
            var ends: [String: Int64]?
            while ends == nil {
                ends = try await self.ends()
                if ends == nil { try await self.context.clock.sleep(for: pause) }
            }
            while let ends, !self.state.hasPassed(ends) { try await self.context.clock.sleep(for: pause) }
        } != nil
    }

    /// Deletes what the broker has acknowledged once no batch has come by to do it.
    func cleanUpOutbox() async throws {
        while true {
            try await relay.waitForDeletable()
            try await context.clock.sleep(for: context.limits.outboxCleanUp)
            if relay.deletable != nil { try await session.transaction { _ in .none } }
        }
    }

    /// Moves an outbox entry that the broker refuses for good to the dead letters.
    ///
    /// Its place is the topic it was meant for, its number in the outbox stands for the offset, and a partition that the
    /// broker would have chosen is −1.
    func putAside(_ entry: OutboxEntry, _ detail: String) async throws {
        let record = entry.record
        let letter = DeadLetter(
            record: Record(
                topic: record.topic, partition: record.partition ?? -1, offset: entry.sequence,
                timestampMilliseconds: context.clock.nowMilliseconds, key: record.key, value: record.value,
                headers: record.headers),
            reason: "refused_by_broker", detail: "outbox entry \(entry.sequence) of lane \(number): \(detail)",
            isOutgoing: true)
        let (store, lane) = (context.store, number)
        try await session.transaction { transaction in
            try await store.putAside(entry.sequence, lane: lane, as: letter, in: transaction)
            return .none
        }
        context.progress.putAside(lane: number, sequence: entry.sequence, because: detail)
    }

    /// Leaves little for the next owner to repeat: what is committed gets a moment to be published and deleted.
    func handOver() async throws {
        let flushed: Void? = try await context.clock.limiting(to: context.limits.handOver) {
            try await self.relay.waitUntilAcknowledged()
        }
        if flushed != nil, relay.deletable != nil { try await perform(LaneChange()) { _, _ in .none } }
    }
}

extension LaneState {
    fileprivate func hasPassed(_ ends: [String: Int64]) -> Bool {
        ends.allSatisfy { topic, end in (offsets[topic]?.next ?? 0) >= end }
    }
}
