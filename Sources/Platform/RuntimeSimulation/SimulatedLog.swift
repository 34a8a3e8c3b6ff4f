package import Records
import WorkerRuntime

/// A broker in memory: topics, members of groups, producers whose records arrive later.
package final class SimulatedLog: Sendable {
    struct Member {
        var events: [MembershipEvent] = []
        /// `nil` before its first assignment.
        var assigned: [TopicPartition]?
        var positions: [TopicPartition: Int64]?
        var isClosed = false
    }

    struct Marker: Hashable {
        var partition: TopicPartition
        var offset: Int64
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
        /// Processes that stand still; so do their producers.
        var frozen: Set<Int> = []
        /// Records a producer may have under way.
        var queueLimit = Int.max
        var shipments: [Shipment] = []
        var deliveries: [Int: Delivery] = [:]
        var nextShipment = 0

        var audit = PublishedAudit()
        /// Offsets that hold no record, as the ends of a producer's transactions.
        var markers: Set<Marker> = []

        var delivers: Bool {
            !isAway && !holdsShipments && shipments.contains { !frozen.contains($0.producer) }
        }

        mutating func append(_ record: OutgoingRecord, nowMilliseconds: Int64) {
            let partition = partition(of: record)
            let end = topics[record.topic]?[Int(partition)].count ?? 0
            if topics[record.topic] == nil {
                topics[record.topic] = Array(repeating: [], count: Int(partitions))
            }
            topics[record.topic]?[Int(partition)].append(
                Record(
                    topic: record.topic, partition: partition, offset: Int64(end),
                    timestampMilliseconds: nowMilliseconds, key: record.key, value: record.value,
                    headers: record.allHeaders))
            if let number = record.number { audit.arrived(number, record, in: partition) }
        }

        /// How much more a producer accepts, and at least something when it has nothing under way.
        func room(of producer: Int) -> Int {
            if queueLimit == .max { return .max }
            let underWay = shipments.reduce(0) { $0 + ($1.producer == producer ? $1.records.count : 0) }
            return max(underWay == 0 ? 1 : 0, queueLimit - underWay)
        }

        mutating func ship(_ records: [OutgoingRecord], by producer: Int) -> Int {
            nextShipment += 1
            deliveries[nextShipment] = .underWay
            shipments.append(Shipment(id: nextShipment, producer: producer, records: records))
            return nextShipment
        }

        func partition(of record: OutgoingRecord) -> Int32 {
            record.partition ?? Self.partition(of: record.key ?? [], among: partitions)
        }

        static func partition(of key: [UInt8], among count: Int32) -> Int32 {
            Int32(key.reduce(UInt32(7)) { $0 &* 31 &+ UInt32($1) } % UInt32(count))
        }
    }

    let simulation: Simulation
    let state: Watched<State>
    package let clusterID = "simulated"
    /// How many publications keep everything waiting, in percent.
    let late = Watched(3)
    /// Publications of decisions overtake each other, for a test that shows why they must not.
    let overtakes: Bool

    /// - Parameters:
    ///   - queueLimit: records a producer may have under way.
    package init(
        partitions: Int32, topics: [String], simulation: Simulation, queueLimit: Int = .max, overtakes: Bool = false
    ) {
        self.simulation = simulation
        self.overtakes = overtakes
        var initial = State(partitions: partitions)
        initial.queueLimit = queueLimit
        for topic in topics { initial.topics[topic] = Array(repeating: [], count: Int(partitions)) }
        state = Watched(initial)
    }

    package func append(_ record: OutgoingRecord) {
        let now = simulation.nowMilliseconds
        state.update { $0.append(record, nowMilliseconds: now) }
    }

    /// Ends a transaction: takes an offset and brings no record.
    package func appendMarker(to partition: TopicPartition) {
        let now = simulation.nowMilliseconds
        state.update { state in
            let offset = Int64(state.topics[partition.topic]?[Int(partition.partition)].count ?? 0)
            state.append(
                OutgoingRecord(topic: partition.topic, partition: partition.partition, key: nil, value: nil),
                nowMilliseconds: now)
            state.markers.insert(Marker(partition: partition, offset: offset))
        }
    }

    package func records(of topic: String) -> [[Record]] { state.read { $0.topics[topic] ?? [] } }

    /// The offset after the last record.
    func end(of topic: String, partition: Int32) -> Int64 {
        state.read { Int64($0.topics[topic]?[Int(partition)].count ?? 0) }
    }

    package func setAway(_ isAway: Bool) { state.update { $0.isAway = isAway } }

    /// Partitions that can be neither read nor asked about.
    package func setLeaderless(_ partitions: Set<TopicPartition>) { state.update { $0.leaderless = partitions } }

    /// A shipment with such a record is refused, and nothing of it arrives.
    package func refuse(values: Set<[UInt8]>) { state.update { $0.refusedValues = values } }

    /// Tells one member what to try. Nobody keeps two members from being told the same.
    package func assign(_ partitions: [TopicPartition], to member: Int) {
        state.update { state in
            guard let entry = state.members[member], !entry.isClosed else { return }
            if let before = entry.assigned, !before.isEmpty { state.members[member]?.events.append(.revoked(before)) }
            state.members[member]?.assigned = partitions
            state.members[member]?.events.append(.assigned(partitions))
        }
    }

    /// Tells one member that it has lost everything.
    package func expel(_ member: Int) {
        state.update { state in
            guard let assigned = state.members[member]?.assigned, !assigned.isEmpty else { return }
            state.members[member]?.events.append(.lost(assigned))
            state.members[member]?.assigned = []
        }
    }

    func assigned(to member: Int) -> [TopicPartition]? { state.read { $0.members[member]?.assigned } }

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
}
