import Records

/// Publishes one lane's outbox in order, and knows which prefix the broker has acknowledged.
///
/// Entries come from the store at take-over and from each committed transaction. A failed publication is repeated from
/// the first unacknowledged entry; consumers drop what they have seen. An entry that the broker refuses for good is put
/// aside, and the ones after it go on.
final class OutboxRelay<Publisher: RecordPublisher>: Sendable {
    private struct Backlog {
        var entries: [OutboxEntry] = []
        var bytes = 0
        /// Highest number ever added.
        var last: Int64 = 0
        /// Everything up to here is acknowledged.
        var acknowledged: Int64 = 0
        /// Everything up to here is deleted in the store.
        var deleted: Int64 = 0

        func hasRoom(_ limits: WorkerLimits) -> Bool {
            entries.count < limits.unacknowledgedEntries && bytes < limits.unacknowledgedBytes
        }
    }

    private let source: String
    private let publisher: Publisher
    private let limits: WorkerLimits
    private let backlog = Watched(Backlog())

    init(source: String, publisher: Publisher, limits: WorkerLimits) {
        self.source = source
        self.publisher = publisher
        self.limits = limits
    }

    /// Takes over committed entries, in order. Those it has are ignored, so the store's whole outbox may be given again.
    func add(_ entries: [OutboxEntry]) {
        guard !entries.isEmpty else { return }
        backlog.update { backlog in
            for entry in entries where entry.sequence > backlog.last {
                backlog.entries.append(entry)
                backlog.bytes += entry.record.byteCount
                backlog.last = entry.sequence
            }
        }
    }

    /// The next transaction may delete everything up to this number; `nil` when there is nothing new to delete.
    var deletable: Int64? {
        backlog.read { $0.acknowledged > $0.deleted ? $0.acknowledged : nil }
    }

    func deleted(through sequence: Int64?) {
        guard let sequence else { return }
        backlog.update { $0.deleted = max($0.deleted, sequence) }
    }

    /// Is so little unacknowledged that another batch may add to it?
    var hasRoom: Bool { backlog.read { $0.hasRoom(limits) } }

    func waitForRoom() async throws {
        let limits = limits
        try await backlog.wait { $0.hasRoom(limits) ? () : nil }
    }

    /// Waits until everything is acknowledged.
    func waitUntilAcknowledged() async throws {
        try await backlog.wait { $0.entries.isEmpty ? () : nil }
    }

    /// Waits until there is something to delete.
    func waitForDeletable() async throws {
        try await backlog.wait { $0.acknowledged > $0.deleted ? () : nil }
    }

    typealias Announce = @Sendable (WorkerStatus.State?) -> Void
    /// Puts an entry aside that the broker refuses; the text says why.
    typealias PutAside = (OutboxEntry, String) async throws -> Void

    /// Publishes until cancelled. Throws the publisher's error when it is neither the world's nor a record's, and what
    /// `putAside` throws.
    func run(clock: any RuntimeClock, announce: @escaping Announce, putAside: PutAside) async throws {
        let size = max(1, limits.relayChunk)
        while true {
            let chunk = try await backlog.wait { $0.entries.isEmpty ? nil : $0.entries.prefix(size) }
            do {
                try await publish(chunk, clock: clock, announce: announce)
                settled(chunk)
            } catch is RefusedByBroker {
                // One at a time finds the one at fault; the others are published again, which consumers notice.
                for index in chunk.indices {
                    let one = chunk[index...index]
                    do {
                        try await publish(one, clock: clock, announce: announce)
                    } catch let refused as RefusedByBroker {
                        try await putAside(chunk[index], refused.detail)
                    }
                    settled(one)
                }
            }
        }
    }

    private struct RefusedByBroker: Error {
        var detail: String
    }

    private func settled(_ entries: ArraySlice<OutboxEntry>) {
        guard let last = entries.last else { return }
        backlog.update { backlog in
            backlog.entries.removeFirst(entries.count)
            backlog.bytes -= entries.reduce(0) { $0 + $1.record.byteCount }
            backlog.acknowledged = last.sequence
        }
    }

    private func publish(
        _ chunk: ArraySlice<OutboxEntry>, clock: any RuntimeClock, announce: @escaping Announce
    ) async throws {
        let records = chunk.map { entry in
            var record = entry.record
            record.number = SourceNumber(source: source, sequence: entry.sequence)
            return record
        }
        var backoff = Backoff(limits.retryPause)
        var unknown = 0
        while true {
            do {
                try await send(records, clock: clock, announce: announce)
                announce(nil)
                return
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                switch (error as? any Disposed)?.disposition {
                case .retry: announce(.waitingForLog(reason: describe(error)))
                case .deadLetter: throw RefusedByBroker(detail: describe(error))
                case nil where unknown + 1 < limits.attemptsOfUnknown: unknown += 1
                default: throw error
                }
                try await clock.sleep(for: backoff.pause(random: clock.random()))
            }
        }
    }

    /// Publishes and waits for the acknowledgement, however long it takes: a record on its way must not be overtaken.
    /// Says so when it takes long.
    private func send(_ records: [OutgoingRecord], clock: any RuntimeClock, announce: @escaping Announce) async throws {
        let (publisher, patience) = (publisher, limits.derivedAcknowledgement)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await publisher.enqueue(records).acknowledged()
                return true
            }
            group.addTask {
                try await clock.sleep(for: patience)
                let reason = "the outbox is not acknowledged"
                announce(publisher.isReachable ? .stalled(.peer, reason: reason) : .waitingForLog(reason: reason))
                return false
            }
            while let isAcknowledged = try await group.next(), !isAcknowledged {}
        }
    }
}
