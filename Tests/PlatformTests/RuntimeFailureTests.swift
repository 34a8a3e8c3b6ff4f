import Records
import RuntimeSimulation
import Testing
import WorkerRuntime

/// What the runtime does when something fails in the middle of a batch.
struct RuntimeFailureTests {
    static let values = (1...20).map { "v\($0)" }

    @Test(arguments: ["v1", "v7", "v20"])
    func poisonRecordBecomesADeadLetterAndTheRestGoesOnInOrder(poison: String) {
        RuntimeStage.play { stage in
            stage.bring(Self.values)
            let handler = ScriptedHandler(effects: { items, _, _ in
                if items.contains(where: { $0.event == poison }) { throw StoreFailure("bad value", .deadLetter) }
                return .none
            })
            let worker = StagedWorker(stage, handler)
            try await worker.running { try await stage.until("all settled") { stage.nextOffset == 20 } }
            #expect(stage.journal == Self.values.filter { $0 != poison })
            let letters = stage.database.tables.deadLetters
            #expect(letters.map { String(decoding: $0.record.value ?? [], as: UTF8.self) } == [poison])
            #expect(letters.first?.reason == "rejected")
            #expect(letters.first?.detail == "bad value")
        }
    }

    /// What the handler does beside its batches outlives a database that is away; our own fault ends the worker.
    @Test func workBesideTheBatchesBeginsAgainAfterTheWorldsFault() async {
        RuntimeStage.play { stage in
            let begun = Watched(0)
            let handler = ScriptedHandler(beside: { _ in
                begun.update { $0 += 1 }
                switch begun.read({ $0 }) {
                case 1, 2: throw StoreFailure("database away", .retry)
                case 3: throw StoreFailure("our fault", .halt)
                default: return
                }
            })
            let worker = StagedWorker(stage, handler)
            await #expect(throws: StoreFailure.self) { try await worker.run() }
            #expect(begun.read { $0 } == 3)
        }
    }

    @Test func recordThatCannotBeDecidedBecomesADeadLetter() {
        RuntimeStage.play { stage in
            stage.bring(Self.values)
            struct Unnamed: Error {}
            let handler = ScriptedHandler(judge: { items in
                if items.contains(where: { $0.event == "v3" || $0.event == "v4" }) { throw Unnamed() }
            })
            let worker = StagedWorker(stage, handler)
            try await worker.running { try await stage.until("all settled") { stage.nextOffset == 20 } }
            #expect(stage.journal == Self.values.filter { $0 != "v3" && $0 != "v4" })
            #expect(stage.database.tables.deadLetters.map(\.reason) == ["undecidable", "undecidable"])
        }
    }

    @Test func commitWhoseAnswerWasLostIsNotRepeated() {
        RuntimeStage.play { stage in
            stage.bring(Self.values)
            // The first transaction stores where the lane begins, the second is the first batch.
            let failures = StoreFailures(after: { number in
                if number == 2 { throw StoreFailure("connection broken", .retry) }
            })
            let worker = StagedWorker(stage, ScriptedHandler(), failures: failures)
            try await worker.running { try await stage.until("all settled") { stage.nextOffset == 20 } }
            #expect(stage.journal == Self.values)
            #expect(worker.progress.status.counts.refusals == 1)
            #expect(worker.progress.status.counts.retakes == 0)
        }
    }

    @Test func commitThatNeverArrivedIsRepeated() {
        RuntimeStage.play { stage in
            stage.bring(Self.values)
            let failures = StoreFailures(before: { number in
                if (2...9).contains(number) { throw StoreFailure("connection broken", .retry) }
            })
            let worker = StagedWorker(stage, ScriptedHandler(), failures: failures)
            try await worker.running {
                try await stage.until("wait announced") {
                    worker.progress.status.state == .waitingForStore(reason: "connection broken")
                }
                try await stage.until("all settled") { stage.nextOffset == 20 }
            }
            #expect(stage.journal == Self.values)
        }
    }

    @Test func laneTakenBySomebodyElseIsTakenAgainAfterAPause() {
        RuntimeStage.play { stage in
            stage.bring(Self.values)
            let worker = StagedWorker(stage, ScriptedHandler())
            try await worker.running {
                try await stage.until("first batch settled") { stage.nextOffset == 20 }
                let other = SimulatedStore(
                    stage.database, process: SimulatedProcess(id: 9, simulation: stage.simulation))
                _ = try await other.take([0])
                stage.bring(["late"])
                try await stage.until("taken again and settled") { stage.nextOffset == 21 }
            }
            #expect(stage.journal == Self.values + ["late"])
            #expect(worker.progress.status.counts.retakes == 1)
            #expect(stage.database.lanes[0]?.claim.epoch == 3)
        }
    }

    @Test func offsetChangedBehindOurBackStopsTheWorker() async {
        RuntimeStage.play { stage in
            stage.bring(["a"])
            let worker = StagedWorker(stage, ScriptedHandler())
            await #expect(throws: RuntimeHalt.self) {
                try await worker.running {
                    try await stage.until("first batch settled") { stage.nextOffset == 1 }
                    stage.database.moveOffset(of: RuntimeStage.topic, lane: 0, to: 5)
                    stage.bring(["b"])
                    try await stage.simulation.sleep(for: .seconds(5))
                }
            }
            #expect(stage.journal == ["a"])
        }
    }

    @Test func uniqueKeyMetIsRepeatedThroughTheTolerantPath() {
        RuntimeStage.play { stage in
            stage.bring(["a", "b"])
            let tolerances = Watched<[Bool]>([])
            let handler = ScriptedHandler(effects: { _, _, context in
                tolerances.update { $0.append(context.mayConflict) }
                if !context.mayConflict { throw StoreFailure("unique key met", .conflict) }
                return .none
            })
            let worker = StagedWorker(stage, handler)
            try await worker.running { try await stage.until("all settled") { stage.nextOffset == 2 } }
            #expect(stage.journal == ["a", "b"])
            #expect(tolerances.read { $0 }.prefix(2) == [false, true])
        }
    }

    @Test func errorOfUnknownKindStopsTheWorkerAfterFiveAttempts() async {
        struct Unnamed: Error {}
        RuntimeStage.play { stage in
            stage.bring(["a"])
            let attempts = Watched(0)
            let handler = ScriptedHandler(effects: { _, _, _ in
                attempts.update { $0 += 1 }
                throw Unnamed()
            })
            let worker = StagedWorker(stage, handler)
            await #expect(throws: Unnamed.self) { try await worker.run() }
            #expect(attempts.read { $0 } == 5)
            #expect(stage.journal.isEmpty)
            #expect(stage.nextOffset == 0)
            #expect(stage.log.hasLeft(worker.member))
        }
    }
}
