import AlertNotifier
import Alerting
import Contracts
import Foundation
import Kafka
import LaneStorage
import Logging
import Records
import TestSupport
import Testing
import WorkerHost
import WorkerRuntime

/// Escalations while lanes change hands: real lanes on a real database and a broker, with a fast clock.
@Suite(.requiresPostgres, .patient)
struct AlertNotifierTakeOverTests {
    private static let alerts = 12

    @Test func eachStepIsDecidedOnceWhoeverHoldsTheLane() async throws {
        let broker = try TestBroker()
        for topic in [Topics.alerts, Topics.alertActions, Topics.alertStates, Topics.customerEvents] {
            try await broker.createTopic(topic.name, partitions: 3)
        }
        // The steps come while the lanes change hands, some of them before the lane is held again.
        let soon = EscalationPolicy.Deadline(.milliseconds(700))
        let policy = EscalationPolicy(acknowledge: [.serious: soon], resolve: [:])
        try await AlertNotifierScene.run(escalation: policy, namespace: broker.namespace) { scene in
            try await publish(
                try (0..<Self.alerts).map { number in
                    let alert = AlertNotifierScene.alert(
                        "a\(number)", recipients: ["legal"], in: "s:wangfang|wm\(number)")
                    return OutgoingRecord(
                        topic: broker.namespace.topic(Topics.alerts),
                        key: Array(alert.message.conversation.id.utf8), value: Array(try JSONEncoder().encode(alert)),
                        headers: [
                            Header(HeaderNames.eventType, text: Alert.eventType),
                            Header("source", text: "test"), Header("source-seq", text: String(number + 1)),
                        ])
                }, to: broker)
            try await withThrowingTaskGroup(of: Void.self) { group in
                // One of them is cut off in the middle of what it does, again and again; the other stops with grace.
                group.addTask { try await live(scene, broker, patience: .milliseconds(900), abruptly: true) }
                group.addTask { try await live(scene, broker, patience: .milliseconds(1_300), abruptly: false) }
                defer { group.cancelAll() }
                let expected = Self.alerts * 2
                try await eventually("every alert climbs to the end") {
                    guard try await scene.count("alerting.escalations") >= expected else { return false }
                    return try await scene.count("alerting.alert_states WHERE escalates_at IS NOT NULL") == 0
                }
                try await eventually("everything is told") {
                    try await scene.count("alerting.deliveries WHERE state <> 'delivered'") == 0
                }
            }
            #expect(try await scene.count("alerting.escalations") == Self.alerts * 2)
            #expect(
                try await scene.count(
                    """
                    (SELECT alert_id FROM alerting.escalations GROUP BY alert_id
                        HAVING array_agg(step ORDER BY number) = '{1,2}' AND array_agg(number ORDER BY number) = '{1,2}'
                            AND array_agg(recipients[1] ORDER BY number) = '{zong,legal}') AS whole
                    """) == Self.alerts)
            // Of each step one delivery to the robot.
            #expect(try await scene.count("alerting.deliveries WHERE escalation > 0") == Self.alerts * 2)
        }
        await broker.remove()
    }

    private func publish(_ records: [OutgoingRecord], to broker: TestBroker) async throws {
        let publisher = try KafkaRecordPublisher(broker.configuration, logger: quiet)
        try await publisher.enqueue(records).acknowledged()
        await publisher.close()
    }

    private var quiet: Logger {
        var logger = Logger(label: "notifier")
        logger.logLevel = .critical
        return logger
    }

    /// A copy of the notifier that ends and comes back, until it is cancelled.
    private func live(
        _ scene: AlertNotifierScene, _ broker: TestBroker, patience: Duration, abruptly: Bool
    ) async throws {
        let sources = [
            SourceTopic(broker.namespace.topic(Topics.alerts), numbered: true),
            SourceTopic(broker.namespace.topic(Topics.alertActions), numbered: false),
        ]
        let group = broker.namespace.group(Programs.alertNotifier)
        while !Task.isCancelled {
            let publisher = try KafkaRecordPublisher(broker.configuration, logger: quiet)
            let worker = LaneWorker(
                name: Programs.alertNotifier, group: group, sources: sources,
                member: try KafkaGroupMember(
                    broker.configuration, group: group, topics: sources.map(\.name), logger: quiet),
                publisher: publisher, store: PostgresLaneStore(pool: scene.pool, schema: "alerting", logger: quiet),
                clock: SystemClock(), handler: scene.notifier,
                progress: WorkerProgress(worker: Programs.alertNotifier, logger: quiet), logger: quiet)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    do { try await worker.run() } catch is CancellationError {}
                }
                // Not before it has begun to work; a slow machine gives it longer.
                try await Task.sleep(for: patience)
                if abruptly { tasks.cancelAll() } else { worker.shutDown() }
                try await tasks.waitForAll()
            }
            await publisher.close(timeout: .seconds(1))
        }
    }
}
