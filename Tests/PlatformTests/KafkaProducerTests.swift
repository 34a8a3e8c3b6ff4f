import Kafka
import Records
import TestSupport
import Testing
import WorkerHost
import WorkerRuntime

@Suite struct KafkaProducerTests {
    @Test func recordsOfAKeyKeepTheirOrder() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("order")
        let producer = try KafkaProducer(broker.configuration, logger: clients.logger)
        var publications: [KafkaPublication] = []
        for batch in 0..<50 {
            publications.append(
                try await producer.enqueue((0..<20).map { numbered(batch * 20 + $0, topic) }))
        }
        for publication in publications { try await publication.acknowledged() }
        try await publications[0].acknowledged()  // more than once
        let received = try await clients.read(topic, count: 1000)
        #expect(received.map(text) == (0..<1000).map(String.init))
        await producer.close()
        await broker.remove()
    }

    @Test func anEmptyPublicationIsAcknowledged() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let producer = try KafkaProducer(broker.configuration, logger: clients.logger)
        try await producer.enqueue([]).acknowledged()
        await producer.close()
        await broker.remove()
    }

    @Test func aFullQueueMakesTheCallerWait() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("full")
        let producer = try KafkaProducer(
            clients.configuration(["queue.buffering.max.messages": "10"]), logger: clients.logger)
        try await producer.enqueue((0..<500).map { numbered($0, topic) }).acknowledged()
        let received = try await clients.read(topic, count: 500)
        #expect(received.map(text) == (0..<500).map(String.init))
        await producer.close()
        await broker.remove()
    }

    @Test(.enabled(if: !TestBroker.isReal, "stops the broker, which only the mock cluster allows"))
    func theBrokersAbsenceLosesNothingAndKeepsTheOrder() async throws {
        let broker = try TestBroker()
        let mock = try #require(broker.mock)
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("absence")
        let producer = try KafkaProducer(
            clients.configuration(["queue.buffering.max.messages": "200"]), logger: clients.logger)
        try await producer.enqueue((0..<100).map { numbered($0, topic) }).acknowledged()
        try mock.setDown(broker: 1)
        let accepted = try await producer.enqueue((100..<200).map { numbered($0, topic) })
        // The queue has room for 100 more: these 500 wait for the broker, and the wait can be cancelled.
        let waiting = Task { try await producer.enqueue((0..<500).map { numbered($0, topic) }) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value.acknowledged() }
        let acknowledgement = Task { try await accepted.acknowledged() }
        try mock.setUp(broker: 1)
        try await acknowledgement.value
        let received = try await clients.read(topic, count: 200)
        #expect(received.prefix(200).map(text) == (0..<200).map(String.init))
        await producer.close()
    }

    /// One request at a time: the mock cluster takes a request after one it refused, which no real broker does.
    @Test(.enabled(if: !TestBroker.isReal, "injects errors, which only the mock cluster allows"), arguments: [6, 7])
    func errorsOfTheBrokerLoseNothingAndKeepTheOrder(_ code: Int32) async throws {
        let broker = try TestBroker()
        let mock = try #require(broker.mock)
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("errors")
        let producer = try KafkaProducer(
            clients.configuration(["max.in.flight.requests.per.connection": "1"]), logger: clients.logger)
        var publications: [KafkaPublication] = []
        for number in 0..<500 {
            if number % 100 == 3 { mock.fail(.produce, with: Array(repeating: code, count: 1 + number / 100)) }
            publications.append(try await producer.enqueue([numbered(number, topic)]))
        }
        for publication in publications { try await publication.acknowledged() }
        let received = try await clients.read(topic, count: 500)
        #expect(received.map(text) == (0..<500).map(String.init))
        await producer.close()
    }

    @Test(.enabled(if: !TestBroker.isReal, "injects an error, which only the mock cluster allows"))
    func aRefusedRecordEndsTheProducerAndThePublisherMakesANewOne() async throws {
        let broker = try TestBroker()
        let mock = try #require(broker.mock)
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("refused")
        let publisher = try KafkaRecordPublisher(broker.configuration, logger: clients.logger)
        try await publisher.enqueue([numbered(0, topic)]).acknowledged()
        mock.fail(.produce, with: [10])  // MSG_SIZE_TOO_LARGE
        let refused = try await publisher.enqueue([numbered(1, topic)])
        let failure = try await #require(throws: LogFailure.self) { try await refused.acknowledged() }
        #expect(failure.disposition == .deadLetter)
        try await publisher.enqueue([numbered(2, topic)]).acknowledged()
        let received = try await clients.read(topic, count: 2)
        #expect(received.map(text) == ["0", "2"])
        await publisher.close()
    }

    @Test func aRecordLargerThanTheClientAcceptsIsTheRecordsFault() async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("large")
        let publisher = try KafkaRecordPublisher(
            clients.configuration(["message.max.bytes": "2000"]), logger: clients.logger)
        let failure = try await #require(throws: LogFailure.self) {
            try await publisher.enqueue([
                OutgoingRecord(topic: topic, partition: 0, value: [UInt8](repeating: 1, count: 3000))
            ])
        }
        #expect(failure.disposition == .deadLetter)
        await publisher.close()
        await broker.remove()
    }

    @Test(arguments: ["", "no such topic!", String(repeating: "long", count: 100), "null\0inside"])
    func anOddTopicNameIsAnErrorAndNotATrap(name: String) async throws {
        let broker = try TestBroker()
        let clients = KafkaTestClients(broker: broker)
        let producer = try KafkaProducer(broker.configuration, logger: clients.logger)
        // What the broker makes of the name is its own matter; acknowledged or refused, we are still here.
        _ = try? await producer.enqueue([OutgoingRecord(topic: name, value: [1])])
        await producer.close(timeout: .zero)
        await broker.remove()
    }

    @Test(.enabled(if: !TestBroker.isReal, "stops the broker, which only the mock cluster allows"))
    func closingFailsWhatWasNotAcknowledged() async throws {
        let broker = try TestBroker()
        let mock = try #require(broker.mock)
        let clients = KafkaTestClients(broker: broker)
        let topic = try await broker.createTopic("closing")
        let producer = try KafkaProducer(broker.configuration, logger: clients.logger)
        try await producer.enqueue([numbered(0, topic)]).acknowledged()
        try mock.setDown(broker: 1)
        let publication = try await producer.enqueue([numbered(1, topic)])
        await producer.close(timeout: .milliseconds(50))
        let error = try await #require(throws: KafkaError.self) { try await publication.acknowledged() }
        #expect(error.isRetriable)
        await #expect(throws: KafkaError.closed) { try await producer.enqueue([numbered(2, topic)]) }
    }

    private func numbered(_ number: Int, _ topic: String) -> OutgoingRecord {
        OutgoingRecord(topic: topic, partition: 0, key: Array("key".utf8), value: Array(String(number).utf8))
    }
}
