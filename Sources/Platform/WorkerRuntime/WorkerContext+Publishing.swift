import Records

extension WorkerContext {
    /// Publishes and waits for the acknowledgement, but not longer than locks may be held for the broker.
    /// - Throws: ``DerivedLate``.
    func publish(_ derived: [OutgoingBatch]) async throws {
        let enqueued = Watched(Publications())
        let published: Void? = try await clock.limiting(to: limits.derivedAcknowledgement) {
            for batch in derived {
                let publication = try await publisher.enqueue(batch)
                enqueued.update { $0.all.append(publication) }
            }
            try await enqueued.read { $0 }.acknowledged()
        }
        if published == nil { throw DerivedLate(publication: enqueued.read { $0 }) }
    }
}

/// Several publications as one.
private struct Publications: Publication {
    var all: [any Publication] = []

    func acknowledged() async throws {
        for publication in all { try await publication.acknowledged() }
    }
}
