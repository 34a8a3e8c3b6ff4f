import Synchronization
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
        for _ in 0..<3 { try publication.expectOne() }
        publication.close()
        publication.report(1, failure: nil)
        publication.report(1, failure: KafkaError(code: -152, name: "_PURGE_QUEUE", text: "", isRetriable: true))
        publication.report(1, failure: KafkaError(code: 10, name: "MSG_SIZE_TOO_LARGE", text: ""))
        let error = try await #require(throws: KafkaError.self) { try await publication.acknowledged() }
        #expect(error.isRecordRefused)
    }

    @Test func unacknowledgedRecordsAreWaitedFor() async throws {
        let publication = KafkaPublication()
        try publication.expectOne()
        publication.close()
        let waiting = Task { try await publication.acknowledged() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        publication.report(1, failure: nil)
        try await publication.acknowledged()
    }
}
