import Foundation
import LaneStorage
import Logging
import Records
import Synchronization
import TestSupport
import Testing
import WorkerRuntime

@testable import WorkerHost

struct HostFeedTests {
    @Test func theVersionIsTheBeginningOfTheHash() {
        // printf 'abc' | sha256sum
        #expect(SnapshotVersion.of(Array("abc".utf8)) == "ba7816bf8f01cfea")
        #expect(SnapshotVersion.of([]) == "e3b0c44298fc1c14")
    }

    @Test func aValueIsStoredBeforeItIsInForce() async throws {
        let keeper = MemoryKeeper(failures: 2)
        let log = ScriptedLog()
        let feed = makeFeed(log, keeper)
        try await running(feed) {
            log.send(.record(record("ww/rules", "1")), .caughtUp)
            try await eventually { feed.current["ww/rules"] == 1 }
            #expect(keeper.stored == ["ww/rules": SnapshotVersion.of(Array("1".utf8))])
            try await eventually { feed.waitingFor == nil }
            #expect(feed.versions == keeper.stored)
        }
    }

    @Test func nothingIsInForceThatCannotBeStored() async throws {
        let keeper = MemoryKeeper(failures: .max)
        let log = ScriptedLog()
        let feed = makeFeed(log, keeper)
        try await running(feed) {
            log.send(.record(record("ww/rules", "1")), .caughtUp)
            try await eventually { keeper.attempts > 3 }
            #expect(feed.current.entries.isEmpty)
            #expect(feed.waitingFor != nil)
        }
    }

    @Test func anInvalidValueIsRefusedAndTheLastGoodOneStays() async throws {
        let keeper = MemoryKeeper()
        let log = ScriptedLog()
        let feed = makeFeed(log, keeper)
        try await running(feed) {
            log.send(.record(record("ww/rules", "1")), .caughtUp, .record(record("ww/rules", "nonsense")))
            log.send(.record(record("xx/rules", "2")))
            try await eventually { feed.current["xx/rules"] == 2 }
            #expect(feed.current["ww/rules"] == 1)
            #expect(keeper.saves == ["ww/rules", "xx/rules"])
        }
    }

    @Test func onlyTheLastValueOfAKeyCountsWhileReplaying() async throws {
        let keeper = MemoryKeeper([snapshot("ww/rules", "3")])
        let log = ScriptedLog()
        let feed = makeFeed(log, keeper)
        try await running(feed) {
            log.send(.record(record("ww/rules", "1")), .record(record("ww/rules", "2")))
            log.send(.record(record("ww/rules", "3")), .caughtUp)
            try await eventually { feed.waitingFor == nil }
            #expect(feed.current["ww/rules"] == 3)
            #expect(keeper.saves.isEmpty)
        }
    }

    @Test func oldValuesDoNotComeIntoForceWhenTheTopicIsReadAgain() async throws {
        let keeper = MemoryKeeper()
        let log = ScriptedLog()
        let feed = makeFeed(log, keeper)
        try await running(feed) {
            log.send(.begins, .record(record("ww/rules", "1")), .record(record("ww/rules", "2")), .caughtUp)
            try await eventually { feed.waitingFor == nil }
            let generation = feed.generation
            log.send(.unreachable("the reader broke"), .begins, .record(record("ww/rules", "1")))
            log.send(.record(record("xx/rules", "7")), .record(record("ww/rules", "2")))
            #expect(feed.waitingFor == nil)
            log.send(.caughtUp, .record(record("yy/rules", "8")))
            try await eventually { feed.current["yy/rules"] == 8 }
            #expect(feed.current.values == ["ww/rules": 2, "xx/rules": 7, "yy/rules": 8])
            #expect(feed.generation == generation + 2)
            #expect(keeper.saves == ["ww/rules", "xx/rules", "yy/rules"])
        }
    }

    @Test func anEmptiedTopicKeepsTheStoredValue() async throws {
        let log = ScriptedLog()
        let feed = makeFeed(log, MemoryKeeper([snapshot("ww/rules", "7")]))
        try await running(feed) {
            log.send(.caughtUp)
            try await eventually { feed.waitingFor == nil }
            #expect(feed.current.values == ["ww/rules": 7])
        }
    }

    @Test func storedValuesServeWhenTheTopicStaysAway() async throws {
        let log = ScriptedLog()
        let feed = makeFeed(log, MemoryKeeper([snapshot("ww/rules", "7")]), clock: InstantClock())
        try await running(feed) {
            log.send(.unreachable("no broker"))
            try await eventually { feed.waitingFor == nil }
            #expect(feed.current["ww/rules"] == 7)
        }
    }

    @Test func withoutAnythingStoredTheFeedWaitsAndSaysWhy() async throws {
        let log = ScriptedLog()
        let feed = makeFeed(log, MemoryKeeper(), allowsEmpty: true, clock: InstantClock())
        try await running(feed) {
            log.send(.unreachable("no broker"))
            try await eventually { feed.waitingFor?.contains("no broker") == true }
        }
    }

    @Test(arguments: [true, false])
    func anEmptyTopicIsEnoughOnlyWhenAllowed(allowsEmpty: Bool) async throws {
        let log = ScriptedLog()
        let feed = makeFeed(log, MemoryKeeper(), allowsEmpty: allowsEmpty)
        try await running(feed) {
            log.send(.caughtUp)
            let expected = allowsEmpty ? nil : "no configuration in config.rules.v1 yet; apply one with scrm"
            try await eventually { feed.waitingFor == expected }
        }
    }

    @Test func onlyATombstoneRemovesAKey() async throws {
        let keeper = MemoryKeeper()
        let log = ScriptedLog()
        let feed = makeFeed(log, keeper)
        try await running(feed) {
            log.send(.record(record("ww/rules", "1")), .record(record("xx/rules", "2")), .caughtUp)
            log.send(.record(record("ww/rules", nil)))
            try await eventually { feed.current.values == ["xx/rules": 2] }
            #expect(Array(keeper.stored.keys) == ["xx/rules"])
        }
    }

    @Test func recordsWithoutAReadableKeyAreIgnored() async throws {
        let log = ScriptedLog()
        let feed = makeFeed(log, MemoryKeeper())
        try await running(feed) {
            var unreadable = record("", "1")
            unreadable.key = [0xFF]
            var keyless = record("", "1")
            keyless.key = nil
            log.send(.caughtUp, .record(unreadable), .record(keyless), .record(record("ww/rules", "1")))
            try await eventually { feed.current.values == ["ww/rules": 1] }
        }
    }

    // MARK: -

    private func makeFeed(
        _ log: ScriptedLog, _ keeper: MemoryKeeper, allowsEmpty: Bool = false, clock: any RuntimeClock = PatientClock()
    ) -> ConfigurationFeed<Int> {
        ConfigurationFeed(
            kind: "rules", topic: "config.rules.v1", allowsEmpty: allowsEmpty, log: log, keeper: keeper, clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { _, value in
            guard let number = Int(String(decoding: value, as: UTF8.self)) else { throw InvalidSetting("no number") }
            return number
        }
    }

    private func record(_ key: String, _ value: String?) -> Record {
        Record(
            topic: "config.rules.v1", partition: 0, offset: 0, key: Array(key.utf8), value: value.map { Array($0.utf8) }
        )
    }

    private func snapshot(_ key: String, _ value: String) -> StoredSnapshot {
        StoredSnapshot(key: key, version: SnapshotVersion.of(Array(value.utf8)), value: Array(value.utf8))
    }

    private func running(_ feed: ConfigurationFeed<Int>, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await feed.run() }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private func eventually(_ condition: () -> Bool) async throws {
        try await TestSupport.eventually("the condition comes true", condition)
    }
}

/// Hands over what the test sends.
private final class ScriptedLog: FeedLog {
    private let steps = AsyncStream.makeStream(of: FeedStep.self)

    func send(_ all: FeedStep...) { for step in all { steps.continuation.yield(step) } }

    func follow(_ body: (FeedStep) async throws -> Void) async throws {
        for await step in steps.stream { try await body(step) }
        try Task.checkCancellation()
    }
}

private final class MemoryKeeper: SnapshotKeeper {
    private struct State {
        var snapshots: [String: StoredSnapshot]
        var failures: Int
        var attempts = 0
        var saves: [String] = []
    }

    private struct Away: Error {}

    private let state: Mutex<State>

    init(_ snapshots: [StoredSnapshot] = [], failures: Int = 0) {
        state = Mutex(
            State(
                snapshots: Dictionary(uniqueKeysWithValues: snapshots.map { ($0.key, $0) }), failures: failures))
    }

    var stored: [String: String] { state.withLock { $0.snapshots.mapValues(\.version) } }
    var attempts: Int { state.withLock(\.attempts) }
    var saves: [String] { state.withLock(\.saves) }

    func latest(kind: String) async throws -> [StoredSnapshot] { state.withLock { Array($0.snapshots.values) } }

    func save(kind: String, _ snapshot: StoredSnapshot) async throws {
        try state.withLock { state in
            state.attempts += 1
            guard state.attempts > state.failures else { throw Away() }
            state.snapshots[snapshot.key] = snapshot
            state.saves.append(snapshot.key)
        }
    }

    func remove(kind: String, key: String) async throws { state.withLock { $0.snapshots[key] = nil } }
}

/// Short pauses pass at once, the ten seconds of patience never do.
private struct PatientClock: RuntimeClock {
    var uptime: Duration { .zero }
    var nowMilliseconds: Int64 { 0 }
    func random() -> UInt64 { 0 }
    func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration < .seconds(10) ? .milliseconds(1) : .seconds(3600))
    }
}

/// Every pause passes at once.
private struct InstantClock: RuntimeClock {
    var uptime: Duration { .zero }
    var nowMilliseconds: Int64 { 0 }
    func random() -> UInt64 { 0 }
    func sleep(for duration: Duration) async throws { try await Task.sleep(for: .milliseconds(1)) }
}
