import Records
import RuntimeSimulation
import Testing
import WorkerRuntime

/// Lanes that stand still although database and broker are there.
struct RuntimeStallTests {
    private struct NotYet: Error, Disposed, CustomStringConvertible {
        var disposition: Disposition { .retry }
        var description: String { "no rules yet" }
    }

    @Test func aFullOutboxIsAStallUntilTheBrokerAcknowledges() {
        RuntimeStage.play { stage in
            let worker = StagedWorker(stage, RuntimePublishingTests.deciding) { $0.unacknowledgedEntries = 1 }
            try await worker.running {
                try await stage.until("running") { stage.nextOffset == 0 }
                stage.log.holdShipments(true)
                stage.bring(["a"])
                try await stage.until("the outbox is full") { stage.nextOffset == 1 }
                stage.bring(["b"])
                try await stage.simulation.sleep(for: .seconds(70))
                let stuck = worker.progress.status.liveness(now: stage.simulation.uptime)
                #expect(stuck == .stuck(lanes: [0], reason: "the outbox is not acknowledged"))
                stage.log.holdShipments(false)
                try await stage.until("published") { stage.published() == ["a#1", "b#2"] }
                #expect(worker.progress.status.liveness(now: stage.simulation.uptime) == .alive)
            }
        }
    }

    @Test func derivedRecordsThatAreNotAcknowledgedAreAStall() {
        RuntimeStage.play { stage in
            let worker = StagedWorker(stage, RuntimePublishingTests.deriving)
            try await worker.running {
                try await stage.until("running") { stage.nextOffset == 0 }
                stage.log.holdShipments(true)
                stage.bring(["a"])
                try await stage.simulation.sleep(for: .seconds(70))
                let stuck = worker.progress.status.liveness(now: stage.simulation.uptime)
                #expect(stuck == .stuck(lanes: [0], reason: "derived records are not acknowledged"))
                stage.log.holdShipments(false)
                try await stage.until("settled") { stage.nextOffset == 1 }
                #expect(worker.progress.status.liveness(now: stage.simulation.uptime) == .alive)
            }
        }
    }

    @Test func aHandlerThatWaitsForItsConfigurationIsAStall() {
        RuntimeStage.play { stage in
            stage.bring(["a"])
            let isApplied = Watched(false)
            let handler = ScriptedHandler(judge: { _ in if !isApplied.read({ $0 }) { throw NotYet() } })
            let worker = StagedWorker(stage, handler)
            try await worker.running {
                try await stage.simulation.sleep(for: .seconds(70))
                let stuck = worker.progress.status.liveness(now: stage.simulation.uptime)
                #expect(stuck == .stuck(lanes: [0], reason: "no rules yet"))
                isApplied.update { $0 = true }
                try await stage.until("settled") { stage.nextOffset == 1 }
                #expect(worker.progress.status.liveness(now: stage.simulation.uptime) == .alive)
            }
        }
    }
}
