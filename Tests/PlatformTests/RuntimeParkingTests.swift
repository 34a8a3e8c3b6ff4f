import Records
import RuntimeSimulation
import TestSupport
import Testing
import WorkerRuntime

/// A key waits alone; dead letters and parked records have their effect once, in order, whatever fails.
struct RuntimeParkingTests {
    /// Values are `<key>:<number>`. What is in `poison` cannot be applied, what is in `unreadable` not decoded.
    private struct KeyedHandler: BatchHandler {
        typealias Transaction = SimulatedTransaction

        var waitsBehindDeadLetters = true
        var derives = false
        var poison = Watched<Set<String>>([])
        var unreadable = Watched<Set<String>>([])

        func decode(_ record: Record) throws(Undecodable) -> String? {
            let text = String(decoding: record.value ?? [], as: UTF8.self)
            if unreadable.read({ $0.contains(text) }) { throw Undecodable(reason: "malformed", detail: "unreadable") }
            return text
        }

        func key(of event: String) -> [UInt8]? { Array(event.prefix { $0 != ":" }.utf8) }
        func ruleVersion(of record: Record) -> String? { "v7" }
        func decide(_ batch: Batch<String>) -> [Batch<String>.Item] { batch.items }

        func apply(
            _ items: [Batch<String>.Item], in transaction: SimulatedTransaction, context: ApplyContext
        ) async throws -> Effects {
            try await transaction.append(toJournal: items.map(\.event))
            let poison = poison.read { $0 }
            if items.contains(where: { poison.contains($0.event) }) { throw StoreFailure("poison", .deadLetter) }
            if derives {
                return Effects(
                    derived: items.map { item in
                        DerivedRecord(
                            origin: item.record.topicPartition, originOffset: item.record.offset,
                            record: OutgoingRecord(
                                topic: RuntimeStage.outcome, partition: 0, value: item.record.value))
                    })
            }
            return Effects(
                outbox: items.map { OutgoingRecord(topic: RuntimeStage.outcome, partition: 0, value: $0.record.value) })
        }
    }

    private static let a = Array("a".utf8)
    private static let values = ["a:1", "b:1", "a:2", "b:2", "c:1", "a:3", "b:3"]

    private static func waiting(_ stage: RuntimeStage) -> [String] {
        stage.database.tables.waiting.parkedRecords.map { String(decoding: $0.record.value ?? [], as: UTF8.self) }
    }

    /// Nothing waits any more.
    private static func isReleased(_ stage: RuntimeStage) -> Bool {
        stage.database.lanes[0]?.parked.values.contains(where: \.waits) == false
    }

    private static func outcomes(_ stage: RuntimeStage) -> [RequestOutcome?] {
        stage.database.tables.waiting.requests.map { $0.answer?.outcome }
    }

    private static func isAnswered(_ stage: RuntimeStage) -> Bool { !outcomes(stage).contains(nil) }

    @Test(arguments: Array(1...100) + [488, 668])
    func parkedKeysKeepThePromise(seed: Int) async {
        let report = await BusyThread.run { ParkingScenario(seed: UInt64(seed)).run() }
        #expect(report.isFlawless, "\(report)")
    }

    /// The one protection of parked keys that the simulated fleet hardly ever misses.
    @Test func withoutFlushingTheOutboxWhatAKeyCausesIsOvertaken() async {
        let isMissed = await BusyThread.run { () -> Bool in
            (1...400).contains { seed in
                var scenario = ParkingScenario(seed: UInt64(seed))
                scenario.protections.flushesBeforeForgetting = false
                return scenario.run().violations.contains { violation in
                    violation.hasPrefix("published") && violation.contains("came after")
                }
            }
        }
        #expect(isMissed)
    }

    @Test func recordsOfAPoisonedKeyWaitBehindItAndTheOthersGoOn() {
        RuntimeStage.play { stage in
            stage.bring(Self.values)
            let handler = KeyedHandler()
            handler.poison.update { $0 = ["a:2"] }
            let worker = StagedWorker(stage, handler)
            try await worker.running {
                try await stage.until("settled") { stage.nextOffset == 7 }
                #expect(stage.journal == ["a:1", "b:1", "b:2", "c:1", "b:3"])
                #expect(Self.waiting(stage) == ["a:3"])
                let letter = try #require(stage.database.tables.deadLetters.first)
                #expect(letter.key == Self.a && letter.ruleVersion == "v7" && letter.reason == "rejected")
                #expect(stage.database.lanes[0]?.parked[Self.a]?.held == false)
                #expect(worker.progress.status.counts.parked == 1)

                stage.bring(["a:4", "b:4"])
                try await stage.until("parked too") { Self.waiting(stage) == ["a:3", "a:4"] }

                // Repaired.
                handler.poison.update { $0 = [] }
                stage.database.ask(.redrive(letter: stage.database.tables.waiting.letterIDs[0]), lane: 0)
                try await stage.until("released") { Self.isReleased(stage) }
                stage.bring(["a:5"])
                try await stage.until("flows") { stage.nextOffset == 10 }
                try await stage.until("published") { stage.published().count == 10 }
            }
            #expect(stage.journal.filter { $0.hasPrefix("a") } == ["a:1", "a:2", "a:3", "a:4", "a:5"])
            #expect(stage.journal.count == 10)
            #expect(stage.database.tables.deadLetters.isEmpty)
            #expect(Self.outcomes(stage) == [.done, .done])
            // Numbered by the outbox, in order and without a gap.
            #expect(stage.published() == stage.journal.enumerated().map { "\($1)#\($0 + 1)" })
        }
    }

    @Test func aKeyOfAHandlerThatDoesNotWaitGoesOn() {
        RuntimeStage.play { stage in
            stage.bring(Self.values)
            let handler = KeyedHandler(waitsBehindDeadLetters: false)
            handler.poison.update { $0 = ["a:2"] }
            let worker = StagedWorker(stage, handler)
            try await worker.running { try await stage.until("settled") { stage.nextOffset == 7 } }
            #expect(stage.journal == Self.values.filter { $0 != "a:2" })
            #expect(Self.isReleased(stage))
        }
    }

    @Test func anOperatorParksAKeyAndLetsItGo() {
        RuntimeStage.play { stage in
            let handler = KeyedHandler(waitsBehindDeadLetters: false)
            let worker = StagedWorker(stage, handler) { $0.redriveRecords = 2 }
            try await worker.running {
                stage.database.ask(.park(Self.a), lane: 0)
                try await stage.until("parked") { stage.database.lanes[0]?.parked[Self.a]?.held == true }
                stage.bring(Self.values)
                try await stage.until("settled") { stage.nextOffset == 7 }
                #expect(stage.journal == ["b:1", "b:2", "c:1", "b:3"])
                stage.database.ask(.unpark(Self.a), lane: 0)
                try await stage.until("released") { Self.isReleased(stage) }
                stage.database.ask(.unpark(Self.a), lane: 0)
                try await stage.until("answered") { Self.isAnswered(stage) }
            }
            #expect(stage.journal == ["b:1", "b:2", "c:1", "b:3", "a:1", "a:2", "a:3"])
            #expect(Self.outcomes(stage) == [.done, .done, .gone])
        }
    }

    @Test func aPoisonRecordInTheQueueStopsTheKeyAgain() {
        RuntimeStage.play { stage in
            stage.bring(["a:1", "a:2", "a:3", "a:4", "a:5"])
            let handler = KeyedHandler()
            handler.poison.update { $0 = ["a:1", "a:4"] }
            let worker = StagedWorker(stage, handler)
            try await worker.running {
                try await stage.until("settled") { stage.nextOffset == 5 }
                #expect(stage.journal.isEmpty)
                stage.database.ask(.discard(letter: stage.database.tables.waiting.letterIDs[0]), lane: 0)
                try await stage.until("stopped again") {
                    stage.database.tables.deadLetters.map(\.record.offset) == [3]
                }
                #expect(stage.journal == ["a:2", "a:3"])
                #expect(Self.waiting(stage) == ["a:5"])
                #expect(Self.outcomes(stage) == [.done, .failed])
                // What waits may go on without it.
                stage.database.ask(.unpark(Self.a), lane: 0)
                try await stage.until("released") { Self.isReleased(stage) }
            }
            #expect(stage.journal == ["a:2", "a:3", "a:5"])
            #expect(stage.database.tables.deadLetters.map(\.record.offset) == [3])
        }
    }

    @Test func deadLettersOfAKeyAreRedrivenInOrder() {
        RuntimeStage.play { stage in
            stage.bring(["a:1", "a:2"])
            let handler = KeyedHandler()
            handler.poison.update { $0 = ["a:1", "a:2"] }
            let worker = StagedWorker(stage, handler)
            try await worker.running {
                try await stage.until("settled") { stage.nextOffset == 2 }
                stage.database.ask(.unpark(Self.a), lane: 0)
                try await stage.until("two dead letters") { stage.database.tables.deadLetters.count == 2 }
                let ids = stage.database.tables.waiting.letterIDs
                // The second must wait for the first, which fails again.
                for id in ids { stage.database.ask(.redrive(letter: id), lane: 0) }
                try await stage.until("answered") { Self.isAnswered(stage) }
                #expect(Self.outcomes(stage) == [.failed, .failed, .refused])
                #expect(stage.database.tables.deadLetters.map(\.attempts) == [2, 1])
                handler.poison.update { $0 = [] }
                // The order in which an operator asks doesn't matter.
                for id in ids.reversed() { stage.database.ask(.redrive(letter: id), lane: 0) }
                try await stage.until("released") { Self.isReleased(stage) }
            }
            #expect(stage.journal == ["a:1", "a:2"])
        }
    }

    @Test func aRecordThatCanBeDecodedNowHasItsEffect() {
        RuntimeStage.play { stage in
            stage.bring(["a:1", "b:1", "a:2"])
            let handler = KeyedHandler()
            handler.unreadable.update { $0 = ["b:1"] }
            let worker = StagedWorker(stage, handler)
            try await worker.running {
                try await stage.until("settled") { stage.nextOffset == 3 }
                #expect(stage.journal == ["a:1", "a:2"], "nobody knows the key of what can't be read")
                let id = stage.database.tables.waiting.letterIDs[0]
                stage.database.ask(.redrive(letter: id), lane: 0)
                try await stage.until("failed") { Self.outcomes(stage) == [.failed] }
                handler.unreadable.update { $0 = [] }
                stage.database.ask(.redrive(letter: id), lane: 0)
                stage.database.ask(.redrive(letter: id), lane: 0)
                try await stage.until("answered") { Self.isAnswered(stage) }
            }
            #expect(Self.outcomes(stage) == [.failed, .done, .gone])
            #expect(stage.journal == ["a:1", "a:2", "b:1"])
        }
    }

    /// Each transaction once: its answer is lost, or it never arrives. Nothing is lost or doubled either way.
    @Test(arguments: 1...14, [true, false])
    func aRedriveWhoseAnswerIsLostIsNotRepeated(transaction: Int, arrives: Bool) {
        RuntimeStage.play { stage in
            stage.bring(["a:1", "a:2", "b:1", "a:3", "a:4"])
            let handler = KeyedHandler()
            handler.poison.update { $0 = ["a:1"] }
            let lost: @Sendable (Int) throws -> Void = { number in
                if number == transaction { throw StoreFailure("connection broken", .retry) }
            }
            let worker = StagedWorker(
                stage, handler, failures: arrives ? StoreFailures(after: lost) : StoreFailures(before: lost)
            ) { $0.redriveRecords = 2 }
            try await worker.running {
                try await stage.until("settled") { stage.nextOffset == 5 }
                handler.poison.update { $0 = [] }
                stage.database.ask(.redrive(letter: stage.database.tables.waiting.letterIDs[0]), lane: 0)
                try await stage.until("released") {
                    Self.isAnswered(stage) && Self.isReleased(stage)
                }
                try await stage.until("published") { stage.published().count >= 5 }
            }
            #expect(stage.journal == ["b:1", "a:1", "a:2", "a:3", "a:4"])
            #expect(stage.published() == stage.journal.enumerated().map { "\($1)#\($0 + 1)" })
        }
    }

    /// The former owner parked "a" and published what it derived from "b" without committing; its successor lets "a" go
    /// before it comes to the same records.
    @Test(arguments: [true, false])
    func whatAReleasedKeyPublishesIsNotTakenForOld(detours: Bool) {
        var changed = RuntimeProtections.all
        changed.detoursReleasedKeys = detours
        let protections = changed
        let lost = (UInt64(1)...30).filter { seed in
            let seen = Watched<[String]>([])
            RuntimeStage.play(seed: seed) { stage in
                let handler = KeyedHandler(waitsBehindDeadLetters: false, derives: true)
                let first = StagedWorker(
                    stage, handler, process: 1,
                    failures: StoreFailures(inside: { number in
                        if number > 2 { throw StoreFailure("connection broken", .retry) }
                    }))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        do { try await first.run() } catch is CancellationError {}
                    }
                    stage.database.ask(.park(Self.a), lane: 0)
                    try await stage.until("parked") { stage.database.lanes[0]?.parked[Self.a] != nil }
                    stage.bring(["a:1", "b:1"])
                    try await stage.until("published too early") { !stage.published().isEmpty }
                    first.process.kill()
                    stage.database.ask(.unpark(Self.a), lane: 0)
                    group.cancelAll()
                    try await group.waitForAll()
                }
                let second = StagedWorker(
                    stage, handler, process: 2, protections: protections
                ) { limits in
                    limits.requestInterval = .milliseconds(1)
                    limits.batchRecords = 2
                }
                try await second.running {
                    try await stage.until("settled") {
                        stage.nextOffset == 2 && Self.isReleased(stage)
                            && stage.database.lanes[0]?.outbox.isEmpty == true
                    }
                }
                seen.update { $0 = stage.seenByNumber() }
            }
            return Set(seen.read { $0 }) != ["a:1", "b:1"]
        }
        #expect(lost.isEmpty == detours)
    }

    @Test func aLaneThatHasParkedAsMuchAsItMayTakesNoMoreUntilSomethingGoes() {
        RuntimeStage.play { stage in
            let handler = KeyedHandler(waitsBehindDeadLetters: false)
            let worker = StagedWorker(stage, handler) { limits in
                limits.batchRecords = 1
                limits.parking.keyBytes = 6
            }
            try await worker.running {
                stage.database.ask(.park(Self.a), lane: 0)
                try await stage.until("parked") { stage.database.lanes[0]?.parked[Self.a] != nil }
                stage.bring(["a:1", "b:1", "a:2", "b:2", "a:3"])
                try await stage.until("full") { Self.isFull(worker) }
                #expect(stage.nextOffset == 3)
                #expect(Self.waiting(stage) == ["a:1", "a:2"])
                stage.database.ask(.unpark(Self.a), lane: 0)
                try await stage.until("goes on") { stage.nextOffset == 5 }
                #expect(!Self.isFull(worker))
            }
            #expect(stage.journal == ["b:1", "a:1", "a:2", "b:2", "a:3"])
        }
    }

    @Test(arguments: ["key records", "key bytes", "lane records", "lane bytes"])
    func aLaneThatHasParkedAsMuchAsItMayIsStalledOnlyWhileRecordsWait(limit: String) {
        RuntimeStage.play { stage in
            let worker = StagedWorker(stage, KeyedHandler(waitsBehindDeadLetters: false)) { limits in
                limits.batchRecords = 1
                switch limit {
                case "key records": limits.parking.keyRecords = 1
                case "key bytes": limits.parking.keyBytes = 1
                case "lane records": limits.parking.laneRecords = 1
                default: limits.parking.laneBytes = 1
                }
            }
            try await worker.running {
                stage.database.ask(.park(Self.a), lane: 0)
                try await stage.until("parked") { stage.database.lanes[0]?.parked[Self.a] != nil }
                stage.bring(["a:1"])
                try await stage.until("kept") { stage.nextOffset == 1 }
                try await stage.simulation.sleep(for: .seconds(70))
                #expect(worker.progress.status.liveness(now: stage.simulation.uptime) == .alive)
                #expect(!Self.isFull(worker))
                stage.bring(["b:1"])
                try await stage.simulation.sleep(for: .seconds(70))
                let status = worker.progress.status
                guard case .stuck([0], let reason) = status.liveness(now: stage.simulation.uptime) else {
                    Issue.record("\(status)")
                    return
                }
                #expect(reason.contains("parked records") && reason.contains("(limit 1)"))
                #expect(stage.nextOffset == 1)
                stage.database.ask(.unpark(Self.a), lane: 0)
                try await stage.until("goes on") {
                    stage.nextOffset == 2 && !Self.isFull(worker)
                        && worker.progress.status.liveness(now: stage.simulation.uptime) == .alive
                }
            }
            #expect(stage.journal == ["a:1", "b:1"])
        }
    }

    private static func isFull(_ worker: StagedWorker) -> Bool {
        if case .stalled(.parkedFull, _) = worker.progress.status.state { true } else { false }
    }

    /// The same record comes again on the wire, before and after others.
    @Test func aPoisonRecordThatComesTwiceIsOneDeadLetter() {
        RuntimeStage.play { stage in
            func bring(_ value: String, _ number: String) {
                stage.bring([value], headers: [Header("source", text: "s"), Header("source-seq", text: number)])
            }
            bring("a:1", "1")
            bring("a:1", "1")
            bring("b:1", "2")
            bring("a:1", "1")
            let handler = KeyedHandler(waitsBehindDeadLetters: false)
            handler.poison.update { $0 = ["a:1"] }
            let worker = StagedWorker(stage, handler, numbered: true) { $0.batchRecords = 1 }
            try await worker.running { try await stage.until("settled") { stage.nextOffset == 4 } }
            #expect(stage.database.tables.deadLetters.count == 1)
            #expect(stage.journal == ["b:1"])
        }
    }

    @Test func whatTheBrokerRefusedIsPublishedAgain() {
        RuntimeStage.play { stage in
            stage.log.refuse(values: [Array("a:2".utf8)])
            stage.bring(["a:1", "a:2", "a:3"])
            let worker = StagedWorker(stage, KeyedHandler())
            try await worker.running {
                try await stage.until("put aside") { stage.database.tables.deadLetters.count == 1 }
                stage.log.refuse(values: [])
                stage.database.ask(.redrive(letter: stage.database.tables.waiting.letterIDs[0]), lane: 0)
                try await stage.until("published") { stage.published().contains("a:2#4") }
            }
            #expect(Set(stage.published()) == ["a:1#1", "a:3#3", "a:2#4"])
            #expect(stage.journal == ["a:1", "a:2", "a:3"])
        }
    }
}
