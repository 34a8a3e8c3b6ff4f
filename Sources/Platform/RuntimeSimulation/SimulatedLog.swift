package import Records
import WorkerRuntime

/// A broker in memory: topics, members of groups, producers whose records arrive later.
package final class SimulatedLog: Sendable {
    struct Member {
        var events: [MembershipEvent] = []
        var assigned: [TopicPartition] = []
        var positions: [TopicPartition: Int64]?
        var isClosed = false
    }

    /// Records one producer has accepted, on their way in order.
    struct Shipment {
        var id: Int
        var producer: Int
        var records: [OutgoingRecord]
    }

    enum Delivery: Sendable, Equatable {
        case underWay
        case acknowledged
        case failed
        /// A record is at fault.
        case refused
    }

    struct State {
        var partitions: Int32
        var topics: [String: [[Record]]] = [:]
        var members: [Int: Member] = [:]
        var nextMember = 0
        var isAway = false
        var leaderless: Set<TopicPartition> = []
        /// What the broker refuses for good.
        var refusedValues: Set<[UInt8]> = []
        var holdsShipments = false
        var shipments: [Shipment] = []
        var deliveries: [Int: Delivery] = [:]
        var nextShipment = 0

        var delivers: Bool { !isAway && !holdsShipments && !shipments.isEmpty }

        mutating func append(_ record: OutgoingRecord, nowMilliseconds: Int64) {
            var logs = topics[record.topic] ?? Array(repeating: [], count: Int(partitions))
            let partition = record.partition ?? Self.partition(of: record.key ?? [], among: partitions)
            logs[Int(partition)].append(
                Record(
                    topic: record.topic, partition: partition, offset: Int64(logs[Int(partition)].count),
                    timestampMilliseconds: nowMilliseconds, key: record.key, value: record.value,
                    headers: record.allHeaders))
            topics[record.topic] = logs
        }

        static func partition(of key: [UInt8], among count: Int32) -> Int32 {
            Int32(key.reduce(UInt32(7)) { $0 &* 31 &+ UInt32($1) } % UInt32(count))
        }
    }

    let simulation: Simulation
    let state: Watched<State>
    package let clusterID = "simulated"

    package init(partitions: Int32, topics: [String], simulation: Simulation) {
        self.simulation = simulation
        var initial = State(partitions: partitions)
        for topic in topics { initial.topics[topic] = Array(repeating: [], count: Int(partitions)) }
        state = Watched(initial)
    }

    package func append(_ record: OutgoingRecord) {
        let now = simulation.nowMilliseconds
        state.update { $0.append(record, nowMilliseconds: now) }
    }

    package func records(of topic: String) -> [[Record]] { state.read { $0.topics[topic] ?? [] } }

    package func setAway(_ isAway: Bool) { state.update { $0.isAway = isAway } }

    /// Partitions that can be neither read nor asked about.
    package func setLeaderless(_ partitions: Set<TopicPartition>) { state.update { $0.leaderless = partitions } }

    /// A shipment with such a record is refused, and nothing of it arrives.
    package func refuse(values: Set<[UInt8]>) { state.update { $0.refusedValues = values } }

    /// Tells one member what to try. Nobody keeps two members from being told the same.
    package func assign(_ partitions: [TopicPartition], to member: Int) {
        state.update { state in
            guard let entry = state.members[member], !entry.isClosed else { return }
            if !entry.assigned.isEmpty { state.members[member]?.events.append(.revoked(entry.assigned)) }
            state.members[member]?.assigned = partitions
            state.members[member]?.events.append(.assigned(partitions))
        }
    }

    /// Tells one member that it has lost everything.
    package func expel(_ member: Int) {
        state.update { state in
            guard let entry = state.members[member], !entry.assigned.isEmpty else { return }
            state.members[member]?.events.append(.lost(entry.assigned))
            state.members[member]?.assigned = []
        }
    }

    /// What a member was told to fetch last; `nil` before its first assignment.
    package func positions(of member: Int) -> [TopicPartition: Int64]? { state.read { $0.members[member]?.positions } }

    package func hasLeft(_ member: Int) -> Bool { state.read { $0.members[member]?.isClosed ?? true } }

    /// Adds partitions to a topic, as an operator may.
    package func grow(_ topic: String, to count: Int) {
        state.update { state in
            let missing = count - (state.topics[topic]?.count ?? 0)
            state.topics[topic, default: []] += Array(repeating: [], count: max(0, missing))
        }
    }

    /// Gives the assigned partitions back to the group.
    package func revoke(from member: Int) {
        state.update { state in
            let assigned = state.members[member]?.assigned ?? []
            state.members[member]?.events.append(.revoked(assigned))
            state.members[member]?.assigned = []
        }
    }

    // MARK: Producers

    /// Lets nothing that is published arrive, while consumers go on.
    package func holdShipments(_ holds: Bool) { state.update { $0.holdsShipments = holds } }

    package var hasShipments: Bool { state.read { !$0.shipments.isEmpty } }

    /// Lets records arrive for ever, in order for each producer, acknowledging early or late.
    package func deliver() async {
        while let _ = try? await state.wait(for: { $0.delivers ? () : nil }) {
            // The wait fails only by cancellation, which ends the delivery.
            await simulation.pass(.milliseconds(1 + simulation.pick(4)))
            let (pick, now) = (simulation.random(), simulation.nowMilliseconds)
            state.update { state in
                guard state.delivers else { return }
                let producer = state.shipments[Int(pick % UInt64(state.shipments.count))].producer
                guard let index = state.shipments.firstIndex(where: { $0.producer == producer }) else { return }
                let shipment = state.shipments.remove(at: index)
                if shipment.records.contains(where: { state.refusedValues.contains($0.value ?? []) }) {
                    state.deliveries[shipment.id] = .refused
                    return
                }
                for record in shipment.records { state.append(record, nowMilliseconds: now) }
                state.deliveries[shipment.id] = .acknowledged
            }
            if simulation.chance(3) { await simulation.pass(.seconds(simulation.pick(8))) }
        }
    }

    /// A fatal error of a producer, or its death: some of what is under way still arrives, in order, the rest never.
    package func breakProducer(_ producer: Int) {
        let (keep, now) = (simulation.random(), simulation.nowMilliseconds)
        state.update { state in
            let underWay = state.shipments.filter { $0.producer == producer }
            state.shipments.removeAll { $0.producer == producer }
            let records = underWay.flatMap(\.records)
            for record in records.prefix(Int(keep % UInt64(records.count + 1))) {
                state.append(record, nowMilliseconds: now)
            }
            for shipment in underWay { state.deliveries[shipment.id] = .failed }
        }
    }
}
