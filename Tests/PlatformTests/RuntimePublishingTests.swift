import Records
import RuntimeSimulation
import Testing
import WorkerRuntime

/// Outbox, derived records and work beside the batches.
struct RuntimePublishingTests {
    /// A decision for each record.
    static let deciding = ScriptedHandler(effects: { items, _, _ in
        Effects(outbox: items.map { OutgoingRecord(topic: RuntimeStage.outcome, partition: 0, value: $0.record.value) })
    })

    /// Two derived records for each.
    static let deriving = ScriptedHandler(effects: { items, _, _ in
        Effects(
            derived: items.flatMap { item in
                (0..<2).map { _ in
                    DerivedRecord(
                        origin: item.record.topicPartition, originOffset: item.record.offset,
                        record: OutgoingRecord(topic: RuntimeStage.outcome, partition: 0, value: item.record.value))
                }
            })
    })

    @Test func decisionsArePublishedInOrderAndDeletedWhenIdle() {
        RuntimeStage.play { stage in
            stage.bring(["a", "b", "c"])
            let worker = StagedWorker(stage, Self.deciding)
            try await worker.running {
                try await stage.until("published") { stage.published().count == 3 }
                try await stage.until("deleted") { stage.database.lanes[0]?.outbox.isEmpty == true }
            }
            #expect(stage.published() == ["a#1", "b#2", "c#3"])
            #expect(stage.log.records(of: RuntimeStage.outcome)[0].first?.header("source") == Array("group/0".utf8))
        }
    }

    @Test func outboxOfADeadWorkerIsPublishedByItsSuccessorUnderTheSameNumbers() {
        RuntimeStage.play { stage in
            stage.bring(["a", "b"])
            let first = StagedWorker(stage, Self.deciding)
            // Nothing that the first worker publishes gets through.
            stage.log.holdShipments(true)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try? await first.run() }
                try await stage.until("committed") { stage.nextOffset == 2 }
                first.process.kill()
                stage.log.breakProducer(1)
                group.cancelAll()
            }
            stage.log.holdShipments(false)
            let second = StagedWorker(stage, Self.deciding, process: 2)
            stage.bring(["c"])
            try await second.running {
                try await stage.until("everything published") { Set(stage.published()).count == 3 }
            }
            #expect(Set(stage.published()) == ["a#1", "b#2", "c#3"])
            #expect(stage.journal == ["a", "b", "c"])
        }
    }

    @Test func derivedRecordsCarryTheNumbersOfTheirOrigin() {
        RuntimeStage.play { stage in
            stage.bring(["a", "b"])
            let worker = StagedWorker(stage, Self.deriving)
            try await worker.running { try await stage.until("settled") { stage.nextOffset == 2 } }
            #expect(stage.published() == ["a#0", "a#1", "b#1024", "b#1025"])
        }
    }

    @Test func derivedRecordsNotAcknowledgedInTimeRollTheTransactionBack() {
        RuntimeStage.play { stage in
            let worker = StagedWorker(stage, Self.deriving)
            try await worker.running {
                try await stage.until("running") { stage.nextOffset == 0 }
                stage.log.holdShipments(true)
                stage.bring(["a"])
                try await stage.until("transaction open") { stage.database.openTransactions == 1 }
                try await stage.until("rolled back") { stage.database.openTransactions == 0 }
                #expect(stage.journal.isEmpty)
                try await stage.simulation.sleep(for: .seconds(20))
                #expect(stage.database.openTransactions == 0)
                stage.log.holdShipments(false)
                try await stage.until("settled") { stage.nextOffset == 1 }
            }
            #expect(stage.journal == ["a"])
            #expect(Set(stage.published()) == ["a#0", "a#1"])
        }
    }

    @Test func recordWithTooManyDerivedRecordsBecomesADeadLetter() {
        RuntimeStage.play { stage in
            stage.bring(["a", "much", "b"])
            let handler = ScriptedHandler(effects: { items, _, _ in
                let derived = items.flatMap { item in
                    (0..<(item.event == "much" ? 1_025 : 1)).map { _ in
                        DerivedRecord(
                            origin: item.record.topicPartition, originOffset: item.record.offset,
                            record: OutgoingRecord(topic: RuntimeStage.outcome, partition: 0, value: item.record.value))
                    }
                }
                return Effects(derived: derived)
            })
            let worker = StagedWorker(stage, handler)
            try await worker.running { try await stage.until("settled") { stage.nextOffset == 3 } }
            #expect(stage.journal == ["a", "b"])
            #expect(stage.database.tables.deadLetters.map(\.reason) == ["too_many_derived"])
            #expect(stage.published() == ["a#0", "b#2048"])
        }
    }

    @Test func numbersSeenBeforeAreDroppedAndUnreadableOnesKept() {
        RuntimeStage.play { stage in
            func bring(_ value: String, _ number: String) {
                stage.bring([value], headers: [Header("source", text: "s"), Header("source-seq", text: number)])
            }
            bring("one", "1")
            bring("two", "2")
            bring("two again", "2")
            bring("one again", "1")
            bring("broken", "x")
            bring("three", "3")
            let worker = StagedWorker(stage, ScriptedHandler(), numbered: true)
            try await worker.running { try await stage.until("settled") { stage.nextOffset == 6 } }
            #expect(stage.journal == ["one", "two", "three"])
            #expect(stage.database.tables.deadLetters.map(\.reason) == ["bad_source_seq"])
            #expect(worker.progress.status.counts.duplicates == 2)
            #expect(stage.database.lanes[0]?.streams == [StreamID(topic: RuntimeStage.topic, source: "s"): 3])
        }
    }

    @Test func anEntryThatTheBrokerRefusesBecomesADeadLetterAndTheOthersGoOn() {
        RuntimeStage.play { stage in
            stage.log.refuse(values: [Array("huge".utf8)])
            stage.bring(["a", "huge", "b"])
            // The answer to the first attempt at putting it aside is lost.
            let failures = StoreFailures(after: { number in
                if number == 3 { throw StoreFailure("connection broken", .retry) }
            })
            let worker = StagedWorker(stage, Self.deciding, failures: failures)
            try await worker.running {
                try await stage.until("published") { stage.published().contains("b#3") }
                try await stage.until("deleted") { stage.database.lanes[0]?.outbox.isEmpty == true }
                stage.bring(["c"])
                try await stage.until("published") { stage.published().contains("c#4") }
            }
            #expect(Set(stage.published()) == ["a#1", "b#3", "c#4"])
            #expect(stage.journal == ["a", "huge", "b", "c"])
            let letters = stage.database.tables.deadLetters
            #expect(letters.map(\.reason) == ["refused_by_broker"])
            #expect(letters.map(\.detail) == ["outbox entry 2 of lane 0: record refused"])
            #expect(letters.map(\.record.value) == [Array("huge".utf8)])
            #expect(worker.progress.status.counts.deadLetters == 1)
        }
    }

    @Test func anOutboxThatIsNotAcknowledgedIsSaidAndKeepsWaitingForTheSamePublication() {
        RuntimeStage.play { stage in
            let worker = StagedWorker(stage, Self.deciding)
            try await worker.running {
                stage.log.holdShipments(true)
                stage.bring(["a"])
                try await stage.until("the wait is said") {
                    worker.progress.status.lanes[0]?.announcedWaits[.outbox] != nil
                }
                try await stage.simulation.sleep(for: .seconds(60))
                #expect(worker.progress.status.liveness(now: stage.simulation.uptime) == .alive)
                stage.log.holdShipments(false)
                try await stage.until("published") { !stage.published().isEmpty }
                try await stage.until("over") { worker.progress.status.lanes[0]?.announcedWaits.isEmpty == true }
            }
            #expect(stage.published() == ["a#1"])
        }
    }

    @Test func sessionWithOutboxWhoseAnswerWasLostIsNotRepeated() {
        RuntimeStage.play { stage in
            let isDone = Watched(false)
            let handler = ScriptedHandler(beside: { lane in
                try await lane.transaction { transaction in
                    try await transaction.append(toJournal: ["timer"])
                    return Effects(outbox: [
                        OutgoingRecord(topic: RuntimeStage.outcome, partition: 0, value: Array("timer".utf8))
                    ])
                }
                isDone.update { $0 = true }
            })
            let failures = StoreFailures(after: { number in
                if number == 2 { throw StoreFailure("connection broken", .retry) }
            })
            let worker = StagedWorker(stage, handler, failures: failures)
            try await worker.running {
                try await stage.until("published") { isDone.read { $0 } && !stage.published().isEmpty }
            }
            #expect(stage.journal == ["timer"])
            #expect(Set(stage.published()) == ["timer#1"])
        }
    }

    /// Found by simulation: the lane was then believed with the epoch of the one who had taken it, and had two owners.
    @Test func aLaneTakenWhileASessionInDoubtIsLookedUpIsLost() {
        RuntimeStage.play { stage in
            let other = SimulatedStore(
                stage.database, process: SimulatedProcess(id: 9, simulation: stage.simulation))
            let hasBegun = Watched(false)
            let handler = ScriptedHandler(beside: { lane in
                if hasBegun.read({ $0 }) { return }
                hasBegun.update { $0 = true }
                try await lane.transaction { transaction in
                    try await transaction.append(toJournal: ["timer"])
                    return Effects(outbox: [
                        OutgoingRecord(topic: RuntimeStage.outcome, partition: 0, value: Array("timer".utf8))
                    ])
                }
            })
            let failures = StoreFailures(
                after: { number in if number == 2 { throw StoreFailure("connection broken", .retry) } },
                beforeReading: { _ = try await other.take([0]) })
            let worker = StagedWorker(stage, handler, failures: failures)
            try await worker.running {
                try await stage.until("taken again") { worker.progress.status.counts.retakes == 1 }
                try await stage.until("published") { !stage.published().isEmpty }
            }
            #expect(stage.database.lanes[0]?.claim.epoch == 3)
            #expect(stage.journal == ["timer"])
            #expect(Set(stage.published()) == ["timer#1"])
        }
    }
}
