/// Work beside the batches.
extension Lane {
    /// The lane as the handler's `run(while:)` sees it.
    var session: LaneSession<Store.Transaction> {
        LaneSession(lane: number) { body in
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

    /// Deletes what the broker has acknowledged once no batch has come by to do it.
    func cleanUpOutbox() async throws {
        while true {
            try await relay.waitForDeletable()
            try await context.clock.sleep(for: context.limits.outboxCleanUp)
            if relay.deletable != nil { try await session.transaction { _ in .none } }
        }
    }

    /// Leaves little for the next owner to repeat: what is committed gets a moment to be published and deleted.
    func handOver() async throws {
        let flushed: Void? = try await context.clock.limiting(to: context.limits.handOver) {
            try await self.relay.waitUntilAcknowledged()
        }
        if flushed != nil, relay.deletable != nil { try await perform(LaneChange()) { _, _ in .none } }
    }
}
