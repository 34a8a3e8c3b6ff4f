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
            for side in Side.allCases where sides.contains(side) { handOut(side) }
        }
    }

    /// Tells each member its lanes, all anew.
    /// - Parameters:
    ///   - shift: which member gets the first lane.
    ///   - twice: some lanes are given to several members.
    func handOut(_ side: Side, shift: Int? = nil, twice: Bool = false) {
        let members = slots.read { slots in
            side.slots.compactMap { slots[$0] }.filter { $0.hasSession && !$0.process.isDead }.map(\.member)
        }
        guard !members.isEmpty else { return }
        let shift = shift ?? simulation.pick(2)
        var shares: [Int: [Int32]] = [:]
        for lane in 0..<scenario.partitions {
            for (index, member) in members.enumerated() {
                let isOwner = (Int(lane) + shift) % members.count == index
                if isOwner || (twice && simulation.chance(50)) { shares[member, default: []].append(lane) }
            }
        }
        for member in members {
            let lanes = shares[member] ?? []
            simulation.tell("group of \(side): member \(member) gets lanes \(lanes)")
            log.assign(
                side.topics.flatMap { topic in lanes.map { TopicPartition(topic: topic, partition: $0) } }, to: member)
        }
    }
}
