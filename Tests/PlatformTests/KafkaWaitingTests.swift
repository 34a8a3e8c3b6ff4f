import Dispatch
import Records
import Synchronization
import TestSupport
import Testing

@testable import Kafka

@Suite struct KafkaWaitingTests {
    @Test func aSignalBeforeTheWaitIsNotLost() async {
        let waiter = Waiter()
        waiter.fire()
        waiter.fire()
        await waiter.wait()
    }

    @Test func aCancelledTaskDoesNotWait() async {
        let waiting = Task {
            withUnsafeCurrentTask { unsafe $0?.cancel() }
            await Waiter().wait()
        }
        await waiting.value
    }

    @Test(arguments: 0..<200)
    func signalAndCancellationTogetherResumeOnce(round: Int) async {
        let waiter = Waiter()
        let waiting = Task { await waiter.wait() }
        async let fired: Void = Task { waiter.fire() }.value
        waiting.cancel()
        await fired
        await waiting.value  // a second resumption traps, a missing one hangs
    }

    @Test func everyChangeOfTheConditionIsSeen() async throws {
        let signal = Signal()
        let counter = Atomic(0)
        let counting = Task {
            for _ in 0..<1000 {
                counter.add(1, ordering: .relaxed)
                signal.fire()
            }
        }
        let seen: Int = try await Signal.wait(on: [signal]) {
            let value = counter.load(ordering: .relaxed)
            return value == 1000 ? value : nil
        }
        #expect(seen == 1000)
        await counting.value
    }

    @Test func aPublicationFailsWithTheErrorThatSaysMost() async throws {
        let publication = KafkaPublication()
        publication.expect(3)
        publication.close()
        publication.report(1, failure: nil)
        publication.report(1, failure: KafkaError(code: -152, name: "_PURGE_QUEUE", text: "", isRetriable: true))
        publication.report(1, failure: KafkaError(code: 10, name: "MSG_SIZE_TOO_LARGE", text: ""))
        let error = try await #require(throws: KafkaError.self) { try await publication.acknowledged() }
        #expect(error.isRecordRefused)
    }

    @Test(.patient)
    func whoeverWaitsForABlockingCallIsFreeWhenCancelled() async throws {
        let gate = DispatchSemaphore(value: 0)
        // More than there are threads, so that some have not begun.
        let calls = (0..<12).map { _ in
            Task { try await BlockingCalls.run(within: .seconds(600)) { () throws(KafkaError) in gate.wait() } }
        }
        for call in calls { call.cancel() }
        for call in calls { await #expect(throws: CancellationError.self) { try await call.value } }
        for _ in calls { gate.signal() }
        // The threads are there again.
        #expect(try await BlockingCalls.run(within: .seconds(600)) { () throws(KafkaError) in 7 } == 7)
    }

    @Test(.patient)
    func aBlockingCallThatTakesTooLongIsATimeOutAndItsAnswerIsDropped() async throws {
        let gate = DispatchSemaphore(value: 0)
        defer { gate.signal() }
        let error = try await #require(throws: KafkaError.self) {
            try await BlockingCalls.run(within: .milliseconds(50)) { () throws(KafkaError) in gate.wait() }
        }
        #expect(error.isRetriable)
    }

    @Test(
        .enabled(if: !TestBroker.isReal, "stops the broker, which only the mock cluster allows"),
        .patient)
    func watermarksAreGivenUpWhileTheLeaderIsDown() async throws {
        let broker = try TestBroker()
        let mock = try #require(broker.mock)
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("marks")
        try await clients.produce((0..<5).map { OutgoingRecord(topic: topic, partition: 0, value: [$0]) })
        let admin = try KafkaAdmin(broker.configuration, timeout: .milliseconds(500), logger: clients.logger)
        let partition = TopicPartition(topic: topic, partition: 0)
        try await eventually("the leader answers") { (try? await admin.watermarks(of: partition)) == 0..<5 }
        try mock.setDown(broker: 1)
        for _ in 0..<2 {
            let error = try await #require(throws: KafkaError.self) { try await admin.watermarks(of: partition) }
            #expect(error.isRetriable)
        }
        try mock.setUp(broker: 1)
        try await eventually("the leader answers again") { (try? await admin.watermarks(of: partition)) == 0..<5 }
        await admin.close()
    }

    @Test func unacknowledgedRecordsAreWaitedFor() async throws {
        let publication = KafkaPublication()
        publication.expect(1)
        publication.close()
        let waiting = Task { try await publication.acknowledged() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        publication.report(1, failure: nil)
        try await publication.acknowledged()
    }
}
