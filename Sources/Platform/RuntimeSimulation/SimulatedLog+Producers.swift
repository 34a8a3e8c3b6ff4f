import Records
import WorkerRuntime

/// Producers, whose records arrive later.
extension SimulatedLog {
    /// Lets nothing that is published arrive, while consumers go on.
    package func holdShipments(_ holds: Bool) { state.update { $0.holdsShipments = holds } }

    package var hasShipments: Bool { state.read { !$0.shipments.isEmpty } }

    func setLate(percent: Int) { late.update { $0 = percent } }

    /// A process that stands still publishes nothing; what it had accepted arrives when it goes on.
    func setFrozen(_ isFrozen: Bool, producer: Int) {
        state.update { state in
            if isFrozen { state.frozen.insert(producer) } else { state.frozen.remove(producer) }
        }
    }

    /// Lets records arrive for ever, in order for each producer, acknowledging early or late.
    package func deliver() async {
        // The wait fails only by cancellation, which ends the delivery.
        while (try? await state.wait(for: { $0.delivers ? () : nil })) != nil {
            await simulation.pass(.milliseconds(1 + simulation.pick(4)))
            let (pick, now) = (simulation.random(), simulation.nowMilliseconds)
            let arrived = state.update { state -> Shipment? in
                guard state.delivers else { return nil }
                let able = state.shipments.filter { !state.frozen.contains($0.producer) }
                let picked = able[Int(pick % UInt64(able.count))]
                guard
                    let index = state.shipments.firstIndex(where: {
                        overtakes ? $0.id == picked.id : $0.producer == picked.producer
                    })
                else { return nil }
                var shipment = state.shipments.remove(at: index)
                if shipment.records.contains(where: { state.refusedValues.contains($0.value ?? []) }) {
                    state.deliveries[shipment.id] = .refused
                    return nil
                }
                if overtakes { shipment.records.reverse() }
                for record in shipment.records { state.append(record, nowMilliseconds: now) }
                state.deliveries[shipment.id] = .acknowledged
                return shipment
            }
            if let arrived { tell(arrived.records, of: arrived.producer, "arrive") }
            if simulation.chance(late.read { $0 }) { await simulation.pass(.seconds(simulation.pick(8))) }
        }
    }

    /// A fatal error of a producer, or its death: some of what is under way still arrives, in order in each partition,
    /// the rest never.
    package func breakProducer(_ producer: Int) {
        guard state.read({ state in state.shipments.contains { $0.producer == producer } }) else { return }
        let (keep, now) = (simulation.random(), simulation.nowMilliseconds)
        let arrived = state.update { state -> [OutgoingRecord] in
            let underWay = state.shipments.filter { $0.producer == producer }
            state.shipments.removeAll { $0.producer == producer }
            var arrived: [OutgoingRecord] = []
            let byPartition = Dictionary(grouping: underWay.flatMap(\.records)) {
                TopicPartition(topic: $0.topic, partition: state.partition(of: $0))
            }
            for (index, line) in byPartition.sorted(by: { $0.key < $1.key }).map(\.value).enumerated() {
                let share = keep >> UInt64(index % 8 * 8)
                arrived += line.prefix(Int(share % UInt64(line.count + 1)))
            }
            for record in arrived { state.append(record, nowMilliseconds: now) }
            for shipment in underWay { state.deliveries[shipment.id] = .failed }
            return arrived
        }
        tell(arrived, of: producer, "arrive, and no more of it")
    }

    private func tell(_ records: [OutgoingRecord], of producer: Int, _ ending: String) {
        guard !records.isEmpty else { return }
        simulation.tell(
            "broker: from process \(producer) "
                + records.map { record in
                    let value = String(decoding: record.value ?? [], as: UTF8.self)
                    return "\(record.topic) \(value)" + (record.number.map { "#\($0.sequence.story)" } ?? "")
                }.joined(separator: ", ") + " \(ending)")
    }
}
