package import Records
package import WorkerRuntime

/// One process's producer: idempotent and in order; acknowledgements may be late, and it may fail for good and be
/// recreated, as a real one after a fatal error.
package struct SimulatedPublisher: RecordPublisher {
    private let log: SimulatedLog
    private let process: SimulatedProcess

    package init(log: SimulatedLog, process: SimulatedProcess) {
        self.log = log
        self.process = process
    }

    package func enqueue(_ records: [OutgoingRecord]) async throws -> any Publication {
        try await process.cross()
        let producer = process.id
        var accepted: [Int] = []
        var rest = records[...]
        while !rest.isEmpty {
            let (left, before) = (rest, accepted)
            let accept: @Sendable (inout SimulatedLog.State) -> Result<(id: Int, count: Int), LogFailure>? = { state in
                // A producer that has failed accepts nothing more; the next call finds another.
                if before.contains(where: { state.deliveries[$0] == .failed }) { return .failure(Self.failed) }
                let room = min(state.room(of: producer), left.count)
                return room == 0 ? nil : .success((state.ship(Array(left.prefix(room)), by: producer), room))
            }
            // Mostly there is room. A caller that gives up leaves behind what was accepted.
            var part = log.state.update { accept(&$0) }
            if part == nil { part = try await log.state.wait(for: accept) }
            guard let (id, count) = try part?.get() else { break }
            accepted.append(id)
            rest = rest.dropFirst(count)
        }
        return SimulatedPublication(log: log, process: process, shipments: accepted)
    }

    static let failed = LogFailure("producer failed", disposition: .retry)
}

struct SimulatedPublication: Publication {
    let log: SimulatedLog
    let process: SimulatedProcess
    let shipments: [Int]

    func acknowledged() async throws {
        for shipment in shipments {
            let delivery = try await log.state.wait { state -> SimulatedLog.Delivery? in
                let delivery = state.deliveries[shipment] ?? .failed
                return delivery == .underWay ? nil : delivery
            }
            try await process.cross(.published)
            switch delivery {
            case .failed: throw SimulatedPublisher.failed
            case .refused: throw LogFailure("record refused", disposition: .deadLetter)
            case .underWay, .acknowledged: break
            }
        }
    }
}
