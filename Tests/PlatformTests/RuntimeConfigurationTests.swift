import Records
import RuntimeSimulation
import Testing
import WorkerRuntime

/// What is derived under one configuration, and what the next one derives of the same records.
struct RuntimeConfigurationTests {
    /// Accepts "late" under version 2 only, and derives each record it accepts.
    private static func handler(_ version: Watched<Int>, swapsWhile judging: Bool = false) -> ScriptedHandler {
        ScriptedHandler(
            judge: { _ in if judging { version.update { $0 = 2 } } },
            effects: { items, _, _ in
                Effects(
                    derived: items.map { item in
                        DerivedRecord(
                            origin: item.record.topicPartition, originOffset: item.record.offset,
                            record: OutgoingRecord(topic: RuntimeStage.outcome, partition: 0, value: item.record.value))
                    })
            },
            configuration: { String(version.read { $0 }) },
            accepts: { $0 != "late" || version.read { $0 } == 2 })
    }

    /// The former owner refused "late", published "other", and died before its commit.
    @Test(arguments: [true, false])
    func whatASuccessorAcceptsIsNotTakenForOld(renumbers: Bool) {
        let seen = Watched<[String]>([])
        RuntimeStage.play { stage in
            let version = Watched(1)
            stage.bring(["late", "other"])
            let first = StagedWorker(
                stage, Self.handler(version), process: 1,
                failures: StoreFailures(inside: { number in
                    // The lane's beginning and its configuration are stored, the batch is not.
                    if number > 2 { throw StoreFailure("connection broken", .retry) }
                }))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    do { try await first.run() } catch is CancellationError {}
                }
                try await stage.until("published too early") { !stage.published().isEmpty }
                first.process.kill()
                group.cancelAll()
                try await group.waitForAll()
            }
            version.update { $0 = 2 }
            let second = StagedWorker(
                stage, Self.handler(version), process: 2, protections: RuntimeProtections(renumbers: renumbers))
            try await second.running { try await stage.until("settled") { stage.nextOffset == 2 } }
            #expect(stage.journal == ["late", "other"])
            #expect(stage.database.tables.deadLetters.isEmpty)
            seen.update { $0 = stage.seenByNumber() }
        }
        #expect(seen.read { $0 }.contains("late") == renumbers)
    }

    /// A repetition under the same configuration carries the same numbers, so a consumer drops it without looking.
    @Test func numbersJumpWhenTheConfigurationChangesAndOnlyThen() {
        RuntimeStage.play { stage in
            let version = Watched(1)
            stage.bring(["a", "b"])
            let first = StagedWorker(stage, Self.handler(version)) { $0.numberJump = 10 }
            try await first.running { try await stage.until("settled") { stage.nextOffset == 2 } }
            let second = StagedWorker(stage, Self.handler(version), process: 2) { $0.numberJump = 10 }
            try await second.running {
                stage.bring(["c"])
                try await stage.until("another owner") { stage.nextOffset == 3 }
                version.update { $0 = 2 }
                stage.bring(["d"])
                try await stage.until("another configuration") { stage.nextOffset == 4 }
            }
            let numbers = ["a": 10, "b": 11, "c": 12, "d": 23].mapValues { $0 * 1024 }
            #expect(Set(stage.published()) == Set(numbers.map { "\($0.key)#\($0.value)" }))
        }
    }

    @Test func aBatchIsJudgedUnderOneConfiguration() {
        RuntimeStage.play { stage in
            stage.bring(["late", "other"])
            let worker = StagedWorker(stage, Self.handler(Watched(1), swapsWhile: true))
            try await worker.running { try await stage.until("settled") { stage.nextOffset == 2 } }
            #expect(stage.journal == ["late", "other"])
            #expect(stage.database.tables.deadLetters.isEmpty)
        }
    }
}
