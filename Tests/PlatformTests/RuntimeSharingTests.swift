import Records
import RuntimeSimulation
import Testing
import WorkerRuntime

/// Small batches of several lanes, written in one transaction.
struct RuntimeSharingTests {
    private static let lanes: Int32 = 3
    private static let perLane = 8

    private static func values(of lane: Int32) -> [String] { (1...perLane).map { "\(lane).\($0)" } }
    private static let all = Set((0..<lanes).flatMap(values))

    /// Plays a worker with batches of one record over three lanes, until all is settled.
    private static func play(
        _ handler: ScriptedHandler, failures: StoreFailures = StoreFailures(),
        _ check: @escaping @Sendable (RuntimeStage) -> Void
    ) {
        RuntimeStage.play(partitions: lanes) { stage in
            for lane in 0..<lanes { stage.bring(values(of: lane), to: lane) }
            let worker = StagedWorker(stage, handler, failures: failures) { $0.batchRecords = 1 }
            try await worker.running {
                try await stage.until("all settled") {
                    (0..<lanes).allSatisfy {
                        stage.database.lanes[$0]?.offsets[RuntimeStage.topic]?.next == Int64(perLane)
                    }
                }
            }
            check(stage)
        }
    }

    private static func isOnceAndInOrder(_ journal: [String], without missing: Set<String> = []) -> Bool {
        (0..<lanes).allSatisfy { lane in
            journal.filter { $0.hasPrefix("\(lane).") } == values(of: lane).filter { !missing.contains($0) }
        }
    }

    @Test func lanesThatAreReadyTogetherShareATransaction() {
        let shared = Watched<[[Int32]]>([])
        let outcome: @Sendable ([Batch<String>.Item]) -> Effects = { items in
            Effects(
                outbox: items.map {
                    OutgoingRecord(topic: RuntimeStage.outcome, partition: 0, key: nil, value: $0.record.value)
                })
        }
        let handler = ScriptedHandler(
            effects: { items, _, context in
                #expect(items.allSatisfy { $0.record.partition == context.lane })
                return outcome(items)
            }, sharesTransactions: true)
        let failures = StoreFailures(afterSharing: { lanes in shared.update { $0.append(lanes) } })
        Self.play(handler, failures: failures) { stage in
            #expect(Self.isOnceAndInOrder(stage.journal))
            #expect(Self.isOnceAndInOrder(stage.database.tables.decided))
            let groups = shared.read { $0 }
            #expect(groups.contains { $0.count > 1 })
            #expect(groups.allSatisfy { $0 == $0.sorted() })
            #expect(groups.flatMap(\.self).count == Self.all.count, "each batch was written once")
        }
    }

    @Test func aHandlerThatDoesNotShareIsLeftAlone() {
        let shared = Watched(0)
        let failures = StoreFailures(afterSharing: { _ in shared.update { $0 += 1 } })
        Self.play(ScriptedHandler(), failures: failures) { stage in
            #expect(Self.isOnceAndInOrder(stage.journal))
            #expect(shared.read { $0 } == 0)
        }
    }

    @Test func poisonInOneLaneCostsTheOthersNothing() {
        let poison = "1.4"
        let handler = ScriptedHandler(
            effects: { items, _, _ in
                if items.contains(where: { $0.event == poison }) { throw StoreFailure("bad value", .deadLetter) }
                return .none
            }, sharesTransactions: true)
        Self.play(handler) { stage in
            #expect(Self.isOnceAndInOrder(stage.journal, without: [poison]))
            let letters = stage.database.tables.deadLetters
            #expect(letters.map { String(decoding: $0.record.value ?? [], as: UTF8.self) } == [poison])
        }
    }

    @Test func aSharedCommitWhoseAnswerWasLostIsNotRepeated() {
        let lost = Watched(0)
        let failures = StoreFailures(afterSharing: { lanes in
            let isFirst = lost.update { lost -> Bool in
                guard lanes.count > 1 else { return false }
                lost += 1
                return lost == 1
            }
            if isFirst { throw StoreFailure("connection broken", .retry) }
        })
        Self.play(ScriptedHandler(sharesTransactions: true), failures: failures) { stage in
            #expect(lost.read { $0 } > 0)
            #expect(Self.isOnceAndInOrder(stage.journal))
        }
    }
}
