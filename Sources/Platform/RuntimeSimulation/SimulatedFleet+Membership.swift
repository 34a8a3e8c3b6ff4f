import Records
import WorkerRuntime

/// Who should try which lanes.
extension SimulatedFleet {
    /// Hands out a group's lanes whenever its members have changed, until the scenario ends.
    func settle() async {
        // The wait fails only by cancellation, which ends the scenario.
        while (try? await unsettled.wait(for: { $0.isEmpty ? nil : () })) != nil {
            await simulation.pass(.milliseconds(simulation.pick(600)))
            if phase.read({ $0 == .stopping }) { return }
            let sides = unsettled.update { unsettled in
                defer { unsettled = [] }
                return unsettled
            }
            for side in Side.allCases where sides.contains(side) { handOut(side, toAll: simulation.chance(30)) }
        }
    }

    /// Tells each member its lanes.
    /// - Parameters:
    ///   - shift: which member gets the first lane.
    ///   - twice: some lanes are given to several members.
    ///   - toAll: also members whose lanes are the same as before give them up and get them again.
    func handOut(_ side: Side, shift: Int = 0, twice: Bool = false, toAll: Bool = true) {
        let members = slots.read { slots in
            places(of: side).compactMap { slots[$0] }.filter { $0.hasSession && !$0.process.isDead }.map(\.member)
        }
        guard !members.isEmpty else { return }
        var shares: [Int: [Int32]] = [:]
        for lane in 0..<scenario.partitions {
            for (index, member) in members.enumerated() {
                let isOwner = (Int(lane) + shift) % members.count == index
                if isOwner || (twice && simulation.chance(50)) { shares[member, default: []].append(lane) }
            }
        }
        shared.update { if twice { $0.insert(side) } else { $0.remove(side) } }
        for member in members {
            let lanes = shares[member] ?? []
            let partitions = side.topics.flatMap { topic in
                lanes.map { TopicPartition(topic: topic, partition: $0) }
            }
            guard toAll || log.assigned(to: member) != partitions else { continue }
            simulation.tell("group of \(side): member \(member) gets lanes \(lanes)")
            log.assign(partitions, to: member)
        }
    }
}
