/// How far the fleet is from having nothing left to do. Pure.
package struct DrainState: Sendable, Equatable {
    /// One worker, as it was when looked at.
    package struct Worker: Sendable, Equatable, Encodable {
        package var worker: String
        /// Copies that are alive.
        package var copies: Int
        package var lagRecords: Int64
        /// Decisions not yet published, or not yet known to be.
        package var outbox: Int64
        /// Deliveries not yet finished; only the notifier and the dispatcher have any.
        package var deliveries: Int64
        /// Why it can't get on, when it says so.
        package var waitingFor: String?

        package init(
            worker: String, copies: Int, lagRecords: Int64, outbox: Int64, deliveries: Int64, waitingFor: String?
        ) {
            self.worker = worker
            self.copies = copies
            self.lagRecords = lagRecords
            self.outbox = outbox
            self.deliveries = deliveries
            self.waitingFor = waitingFor
        }

        package var isDone: Bool {
            copies > 0 && lagRecords == 0 && outbox == 0 && deliveries == 0 && waitingFor == nil
        }

        package var text: String {
            if isDone { return "\(worker): done" }
            var parts: [String] = []
            if copies == 0 { parts.append("no copy runs") }
            if lagRecords > 0 { parts.append("\(lagRecords) records wait") }
            if outbox > 0 { parts.append("\(outbox) decisions to publish") }
            if deliveries > 0 { parts.append("\(deliveries) deliveries open") }
            if let waitingFor { parts.append("waits for \(waitingFor)") }
            return "\(worker): " + parts.joined(separator: ", ")
        }
    }

    /// In the order in which a message passes through them. Each was looked at only after the one before it was found
    /// done, so that nothing can be on the way between two looks; the rest is absent.
    package var workers: [Worker]
    package var expected: Int

    package init(workers: [Worker], expected: Int) {
        self.workers = workers
        self.expected = expected
    }

    package var isDone: Bool { workers.count == expected && workers.allSatisfy(\.isDone) }

    package var text: String { workers.map(\.text).joined(separator: "\n") }
}
