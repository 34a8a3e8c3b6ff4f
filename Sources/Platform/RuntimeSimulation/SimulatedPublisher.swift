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
        let shipment = log.state.update { state in
            state.nextShipment += 1
            state.deliveries[state.nextShipment] = .underWay
            state.shipments.append(.init(id: state.nextShipment, producer: producer, records: records))
            return state.nextShipment
        }
        return SimulatedPublication(log: log, process: process, shipment: shipment)
    }
}

struct SimulatedPublication: Publication {
    let log: SimulatedLog
    let process: SimulatedProcess
    let shipment: Int

    func acknowledged() async throws {
        let shipment = shipment
        let delivery = try await log.state.wait { state -> SimulatedLog.Delivery? in
            let delivery = state.deliveries[shipment] ?? .failed
            return delivery == .underWay ? nil : delivery
        }
        try await process.cross()
        switch delivery {
        case .failed: throw LogFailure("producer failed", disposition: .retry)
        case .refused: throw LogFailure("record refused", disposition: .deadLetter)
        case .underWay, .acknowledged: break
        }
    }
}
