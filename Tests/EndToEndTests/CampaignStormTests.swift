import Contracts
import FleetHarness
import Foundation
import Kafka
import Records
import TestSupport
import Testing

/// Dispatchers die and freeze at any moment while carts come, calls lose their answers, and every
/// record comes twice; the sandbox's own list of what customers got is the judge.
@Suite(.requiresPostgres, .serialized)
struct CampaignStormTests {
    private static let customers = 400

    @Test(.patient)
    func nobodyIsWrittenToTwiceWhileDispatchersDie() async throws {
        let seed = UInt64.random(in: 0...UInt64(UInt32.max))
        print("campaign storm: seed \(seed)")
        try await TestFleet.withFleet { fleet in
            try await fleet.apply("campaigns", Self.plans)
            let copies = try FleetCopies(fleet, of: [Programs.campaignDispatcher], copies: 3)
            let sandbox = Sandbox(url: fleet.sandboxURL)
            let create = "/cgi-bin/externalcontact/add_msg_template"
            for kind in ["drop_after_effect", "http500_after_effect", "drop_before_effect"] {
                try await sandbox.add(fault: ["kind": kind, "count": 2, "path": create])
            }
            try await sandbox.add(fault: ["kind": "slow", "delay_ms": 300, "count": 40, "path": create])
            let storm = FaultSequence([.kill(copies), .kill(copies), .freeze(copies)], seed: seed, pause: 300...1_500)
            let end = ContinuousClock.now + .seconds(30)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await storm.run(until: end, atLeast: ["kill": 5]) }
                group.addTask { try await Self.produce(fleet, until: end) }
                try await group.waitForAll()
            }
            print("campaign storm: \(storm.counts)")
            try await fleet.drain(worker: Programs.campaignDispatcher)
            // A call that did not begin in time goes back to the guards for some seconds.
            try await eventually("every touch is on its way") {
                try await fleet.query(
                    "SELECT count(*) FROM campaigns.touches WHERE state IN ('planned', 'ready', 'claimed')",
                    as: Int64.self
                ).allSatisfy { $0 == 0 }
            }
            #expect(copies.complaints == [])
            try await Self.judge(fleet, sandbox)
        }
    }

    private static func judge(_ fleet: TestFleet, _ sandbox: Sandbox) async throws {
        // One plan, one step, one passage each: whoever got two messages got one twice.
        let got = try await sandbox.touches()
        let counts = Dictionary(grouping: got, by: \.customerID).mapValues(\.count)
        #expect(counts.filter { $0.value > 1 } == [:])

        let states = try await fleet.query(
            "SELECT customer_id, state FROM campaigns.touches", as: String.self, String.self)
        #expect(states.count == customers)
        let open = states.filter { ["planned", "ready", "claimed"].contains($0.1) }
        #expect(open.isEmpty)
        // What is on record as made was made, and everything made is on record, or is owned up to.
        let made = Set(states.filter { ["created", "reached"].contains($0.1) }.map(\.0))
        let unsure = Set(states.filter { $0.1 == "unsure" }.map(\.0))
        let received = Set(got.map(\.customerID))
        #expect(made.subtracting(received) == [])
        #expect(received.subtracting(made).subtracting(unsure) == [])
        print("campaign storm: \(made.count) touches made, \(unsure.count) unsure of \(customers)")
        #expect(made.count > 0)
    }

    /// Carts of all customers, each event twice, the second time perhaps long after the first.
    private static func produce(_ fleet: TestFleet, until end: ContinuousClock.Instant) async throws {
        let producer = try KafkaProducer(fleet.kafka, logger: TestFleet.logger)
        let began = ContinuousClock.now
        let events = (0..<customers).map { number in
            CustomerEvent(
                corpID: ChatStream.corp, customerID: "wm\(number)", source: "shop", type: "cart.added",
                eventID: "cart-\(number)", occurredAt: Int64(Date.now.timeIntervalSince1970 * 1000),
                employeeID: "employee\(number % 7)")
        }
        for (index, event) in (events + events.reversed()).enumerated() {
            let moment = began + (end - began) * index / (2 * customers)
            if moment > .now { try await Task.sleep(until: moment, clock: .continuous) }
            let record = OutgoingRecord(
                topic: fleet.namespace.topic(Topics.customerEvents), key: Array(event.customerID.utf8),
                value: Array(try JSONEncoder().encode(event)))
            try await producer.enqueue([record]).acknowledged()
        }
        await producer.close()
    }

    private static let plans = """
        corp_id: \(ChatStream.corp)
        guards: {consent: assumed}
        plans:
          - id: cart
            name: 加购
            trigger: {event: cart.added}
            ends_on: [{event: order.paid}]
            steps: [{id: remind, after: 0m, text: 购物车里还有好物}]
        """
}
