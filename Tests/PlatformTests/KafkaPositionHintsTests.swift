import Records
import Testing

@testable import Kafka

@Suite struct KafkaPositionHintsTests {
    private let start = ContinuousClock.now
    private let left = TopicPartition(topic: "t", partition: 0)
    private let right = TopicPartition(topic: "t", partition: 1)

    @Test func positionsAreGatheredBetweenTwoCommits() {
        var hints = PositionHints()
        #expect(hints.due(start).isEmpty)
        hints.add([left: 3])
        #expect(hints.due(start) == [left: 3])
        hints.add([left: 4])
        hints.add([left: 5, right: 1])
        #expect(hints.due(start + .milliseconds(999)).isEmpty)
        #expect(hints.due(start + PositionHints.interval) == [left: 5, right: 1])
        #expect(hints.due(start + .seconds(9)).isEmpty)
    }

    @Test func whatIsLeftIsTakenAtOnce() {
        var hints = PositionHints()
        hints.add([left: 3])
        _ = hints.due(start)
        hints.add([left: 4])
        #expect(hints.take(start) == [left: 4])
        #expect(hints.take(start).isEmpty)
    }
}
