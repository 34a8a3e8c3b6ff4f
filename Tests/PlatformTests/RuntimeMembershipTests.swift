import Records
import RuntimeSimulation
import Testing
import WorkerRuntime

/// Assignments, take-over, giving up.
struct RuntimeMembershipTests {
    /// What a producer's transactions leave behind is no lag, and a record after it is no repetition.
    @Test func offsetsWithoutRecordsArePassed() {
        RuntimeStage.play { stage in
            let marked = TopicPartition(topic: RuntimeStage.topic, partition: 0)
            let worker = StagedWorker(stage, ScriptedHandler())
            try await worker.running {
                stage.log.appendMarker(to: marked)
                try await stage.until("the first marker is passed") { stage.nextOffset == 1 }
                stage.bring(["a", "b"])
                stage.log.appendMarker(to: marked)
                stage.log.appendMarker(to: marked)
                try await stage.until("the lane stands at the end") { stage.nextOffset == 5 }
                try await stage.until("nothing waits") { worker.progress.status.lagRecords == 0 }
                stage.bring(["c"])
                try await stage.until("the next record is noted") { stage.nextOffset == 6 }
            }
            #expect(stage.journal == ["a", "b", "c"])
            // A successor has no record to compare before its first offset.
            let successor = StagedWorker(stage, ScriptedHandler(), process: 2)
            stage.log.appendMarker(to: marked)
            try await successor.running {
                try await stage.until("the last marker is passed") { stage.nextOffset == 7 }
                stage.bring(["d"])
                try await stage.until("the last record is noted") { stage.nextOffset == 8 }
            }
            #expect(stage.journal == ["a", "b", "c", "d"])
        }
    }

    /// No record comes that would tell the owner; what the reset gave back is processed all the same.
    @Test func anIdleLaneThatWasResetIsTakenAgain() {
        RuntimeStage.play { stage in
            let worker = StagedWorker(stage, ScriptedHandler())
            try await worker.running {
                try await stage.until("running") { stage.nextOffset == 0 }
                let backup = stage.database.backup
                stage.bring(["a", "b"])
                try await stage.until("settled") { stage.nextOffset == 2 }
                stage.database.restore(
                    backup, lanes: 1, topics: [RuntimeStage.topic], clusterID: stage.log.clusterID)
                #expect(stage.journal.isEmpty)
                try await stage.until("settled again") { stage.nextOffset == 2 }
            }
            #expect(stage.journal == ["a", "b"])
        }
    }

    static let values = (1...20).map { "v\($0)" }

    @Test func databaseAwayAtAssignmentIsAnsweredAtOnceWithNothing() {
        RuntimeStage.play { stage in
            stage.database.setAway(true)
            stage.bring(Self.values)
            let worker = StagedWorker(stage, ScriptedHandler())
            try await worker.running {
                try await stage.until("answered") { stage.log.positions(of: worker.member) == [:] }
                try await stage.until("wait announced") {
                    worker.progress.status.state == .waitingForStore(reason: "database away")
                }
                try await stage.simulation.sleep(for: .seconds(120))
                let now = stage.simulation.uptime
                #expect(worker.progress.status.liveness(now: now) == .alive)
                stage.database.setAway(false)
                try await stage.until("settled") { stage.nextOffset == 20 }
                #expect(worker.progress.status.state == .running)
            }
            #expect(stage.journal == Self.values)
        }
    }

    @Test func gracefulStopFinishesTheBatchInHandAndLeaves() {
        RuntimeStage.play { stage in
            stage.bring(Self.values)
            let isInHand = Watched(false)
            let handler = ScriptedHandler(effects: { _, _, _ in
                isInHand.update { $0 = true }
                try await stage.simulation.sleep(for: .seconds(8))
                return .none
            })
            let worker = StagedWorker(stage, handler) { $0.batchRecords = 10 }
            try await worker.running { try await stage.until("in hand") { isInHand.read { $0 } } }
            let settled = Int(stage.nextOffset ?? 0)
            #expect(settled > 0 && settled <= 10)
            #expect(stage.journal == Array(Self.values.prefix(settled)))
            #expect(stage.log.hasLeft(worker.member))
            #expect(worker.progress.status.state == .stopped)
        }
    }

    @Test func gracefulStopDropsWhatIsNotFinishedWithinItsDeadline() {
        RuntimeStage.play { stage in
            stage.bring(["a"])
            let isInHand = Watched(false)
            let handler = ScriptedHandler(effects: { _, _, _ in
                isInHand.update { $0 = true }
                try await stage.simulation.sleep(for: .seconds(3_600))
                return .none
            })
            let worker = StagedWorker(stage, handler)
            try await worker.running { try await stage.until("in hand") { isInHand.read { $0 } } }
            #expect(stage.simulation.uptime < .seconds(60))
            #expect(stage.journal.isEmpty)
            #expect(stage.log.hasLeft(worker.member))
        }
    }

    @Test func revocationDiscardsTheBatchWhileTheDatabaseIsAway() {
        RuntimeStage.play { stage in
            let worker = StagedWorker(stage, ScriptedHandler())
            try await worker.running {
                try await stage.until("running") { stage.nextOffset == 0 }
                stage.database.setAway(true)
                stage.bring(["a"])
                try await stage.until("batch waits") { worker.progress.status.counts.attempts > 3 }
                let before = stage.simulation.uptime
                stage.log.revoke(from: worker.member)
                try await stage.until("given up") { stage.log.positions(of: worker.member) == [:] }
                #expect(stage.simulation.uptime - before < .seconds(10))
                stage.database.setAway(false)
            }
            #expect(stage.journal.isEmpty)
            #expect(stage.nextOffset == 0)
        }
    }

    @Test func topicsOfDifferentWidthAreRefused() async {
        RuntimeStage.play { stage in
            stage.log.grow(RuntimeStage.outcome, to: 3)
            let worker = StagedWorker(stage, ScriptedHandler(), topics: [RuntimeStage.topic, RuntimeStage.outcome])
            await #expect(throws: ConfigurationFault.self) { try await worker.run() }
        }
    }

    @Test func topicThatGrowsUnderARunningWorkerStopsIt() async {
        RuntimeStage.play { stage in
            stage.bring(["a"])
            let worker = StagedWorker(stage, ScriptedHandler())
            await #expect(throws: ConfigurationFault.self) {
                try await worker.running {
                    try await stage.until("settled") { stage.nextOffset == 1 }
                    stage.log.grow(RuntimeStage.topic, to: 2)
                    stage.log.assign([TopicPartition(topic: RuntimeStage.topic, partition: 1)], to: worker.member)
                    try await stage.simulation.sleep(for: .seconds(30))
                }
            }
        }
    }

    @Test func batchesInHandAreBoundedWhateverTheNumberOfLanes() {
        RuntimeStage.play(partitions: 4) { stage in
            let value = String(repeating: "x", count: 100)
            for lane in 0..<Int32(4) {
                for _ in 0..<30 {
                    stage.log.append(
                        OutgoingRecord(topic: RuntimeStage.topic, partition: lane, key: nil, value: Array(value.utf8)))
                }
            }
            let inHand = Watched((now: 0, most: 0))
            let handler = ScriptedHandler(effects: { items, _, _ in
                let bytes = items.reduce(0) { $0 + $1.record.byteCount }
                inHand.update {
                    $0.now += bytes
                    $0.most = max($0.most, $0.now)
                }
                try await stage.simulation.sleep(for: .milliseconds(500))
                inHand.update { $0.now -= bytes }
                return .none
            })
            let worker = StagedWorker(stage, handler) {
                $0.batchBytes = 1_000
                $0.batchesInHand = 2
            }
            try await worker.running {
                try await stage.until("all settled") { worker.progress.status.counts.records == 120 }
            }
            #expect(inHand.read { $0.most } <= 2_000)
            #expect(inHand.read { $0.most } > 500)
        }
    }

    @Test func transactionsAtTheSameTimeAreLimited() {
        RuntimeStage.play(partitions: 6) { stage in
            for lane in 0..<Int32(6) {
                stage.log.append(OutgoingRecord(topic: RuntimeStage.topic, partition: lane, key: nil, value: [1]))
            }
            let running = Watched((now: 0, most: 0))
            let handler = ScriptedHandler(effects: { _, _, _ in
                running.update {
                    $0.now += 1
                    $0.most = max($0.most, $0.now)
                }
                try await stage.simulation.sleep(for: .seconds(1))
                running.update { $0.now -= 1 }
                return .none
            })
            let worker = StagedWorker(stage, handler) { $0.concurrentTransactions = 2 }
            try await worker.running {
                try await stage.until("all settled") { worker.progress.status.counts.records == 6 }
            }
            #expect(running.read { $0.most } == 2)
        }
    }

    @Test func lostRecordsStopTheLaneAndTheWorkerStaysToSaySo() {
        RuntimeStage.play { stage in
            stage.bring(["a", "b"])
            let first = StagedWorker(stage, ScriptedHandler())
            try await first.running { try await stage.until("settled") { stage.nextOffset == 2 } }
            stage.database.moveOffset(of: RuntimeStage.topic, lane: 0, to: 9)
            let second = StagedWorker(stage, ScriptedHandler(), process: 2)
            try await second.running {
                try await stage.until("refused") { second.progress.status.lanes[0]?.refusal != nil }
                let refusal = second.progress.status.lanes[0]?.refusal
                #expect(
                    refusal == "raw[0]: next offset 9 is above the end, 2: another topic; "
                        + "stop the worker and run `scrm lanes reset test`")
                try await stage.simulation.sleep(for: .seconds(300))
                #expect(second.progress.status.lanes[0]?.refusal == refusal)
                #expect(second.progress.status.liveness(now: stage.simulation.uptime) == .alive)
                #expect(!stage.log.hasLeft(second.member))
            }
            #expect(stage.nextOffset == 9)
        }
    }

    @Test func aPartitionWithoutALeaderDoesNotKeepTheOtherLanesFromStarting() {
        RuntimeStage.play(partitions: 4) { stage in
            for lane in 0..<Int32(4) {
                stage.log.append(OutgoingRecord(topic: RuntimeStage.topic, partition: lane, value: [1]))
            }
            let leaderless = TopicPartition(topic: RuntimeStage.topic, partition: 1)
            stage.log.setLeaderless([leaderless])
            let worker = StagedWorker(stage, ScriptedHandler())
            try await worker.running {
                try await stage.until("the others are settled") { worker.progress.status.counts.records == 3 }
                try await stage.until("the wait is said") {
                    worker.progress.status.lanes[1]?.announcedWaits[.batches] != nil
                }
                #expect(stage.database.lanes[1]?.offsets.isEmpty == true)
                stage.log.setLeaderless([])
                try await stage.until("all are settled") { worker.progress.status.counts.records == 4 }
                #expect(worker.progress.status.state == .running)
            }
            #expect(stage.journal.count == 4)
        }
    }

    @Test func aTopicThatDoesNotExistIsWaitedFor() {
        RuntimeStage.play { stage in
            let worker = StagedWorker(stage, ScriptedHandler(), topics: ["later"])
            stage.log.assign([TopicPartition(topic: "later", partition: 0)], to: worker.member)
            try await worker.running {
                try await stage.until("the wait is said") {
                    worker.progress.status.state
                        == .waitingForLog(
                            reason: "topic later does not exist, or this user may not see it: run `scrm topics apply`")
                }
                stage.log.grow("later", to: 1)
                try await stage.until("running") { worker.progress.status.state == .running }
            }
        }
    }
}
