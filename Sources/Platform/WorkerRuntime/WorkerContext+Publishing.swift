import Records

extension WorkerContext {
    /// Publishes and waits for the acknowledgement, but not longer than locks may be held for the broker.
    /// - Throws: ``DerivedLate``.
    func publish(_ derived: [OutgoingRecord]) async throws {
        let enqueued = Watched<(any Publication)?>(nil)
        let published: Void? = try await clock.limiting(to: limits.derivedAcknowledgement) {
            let publication = try await publisher.enqueue(derived)
            enqueued.update { $0 = publication }
            try await publication.acknowledged()
        }
        if published == nil { throw DerivedLate(publication: enqueued.read { $0 }) }
    }
}
