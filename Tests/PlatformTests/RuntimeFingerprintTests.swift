import Records
import Testing

@testable import RuntimeSimulation
@testable import WorkerRuntime

/// A topic that was made anew is noticed although the stored offset fits.
struct RuntimeFingerprintTests {
    private static let stored = LaneOffset(
        next: 8, clusterID: "c", last: RecordFingerprint(record(7, "k", time: 70)))

    private static func record(_ offset: Int64, _ key: String?, time: Int64?) -> Record {
        Record(
            topic: "raw", partition: 0, offset: offset, timestampMilliseconds: time, key: key.map { Array($0.utf8) },
            value: [1])
    }

    private static func waiting(_ offset: LaneOffset = stored, firstKept: Int64 = 0) -> LastRecords {
        var last = LastRecords()
        _ = last.expect(offset, topic: "raw", firstKept: firstKept)
        return last
    }

    @Test func fetchingBeginsWithTheRecordBeforeTheOffset() {
        var last = Self.waiting()
        #expect(last.offsets == ["raw": 7])
        let same = last.compare([Self.record(7, "k", time: 70), Self.record(8, "x", time: 1)])
        #expect(same == nil)
        #expect(last.offsets == [:])
        // What comes later is nobody's business.
        let later = last.compare([Self.record(9, "y", time: 0)])
        #expect(later == nil)
    }

    @Test(arguments: [("other", 70), ("k", 71), (nil, 70), ("", 70), ("k", nil)] as [(String?, Int64?)])
    func anotherKeyOrTimeIsAnotherTopic(key: String?, time: Int64?) {
        var last = Self.waiting()
        let reason = last.compare([Self.record(7, key, time: time)])
        #expect(
            reason == "raw[0]: the record at offset 7 is not the one that was processed (its time or key differs): "
                + "another topic")
    }

    @Test func aRecordThatRetentionDeletedCannotBeCompared() {
        var last = LastRecords()
        let isDeleted = last.expect(Self.stored, topic: "raw", firstKept: 8)
        #expect(isDeleted && last.offsets == [:])
        let isKept = last.expect(Self.stored, topic: "raw", firstKept: 7)
        #expect(!isKept && last.offsets == ["raw": 7])
        // Deleted between the question and the fetch.
        let reason = last.compare([Self.record(9, "z", time: 0)])
        #expect(reason == nil)
    }

    @Test func withoutAFingerprintNothingIsCompared() {
        #expect(Self.waiting(LaneOffset(next: 8, clusterID: "c")).offsets == [:])
    }

    @Test func theHashOfAKeyNeverChanges() {
        #expect(RecordFingerprint(Self.record(0, nil, time: 1)).keyHash == 0)
        #expect(RecordFingerprint(Self.record(0, "a", time: 1)).keyHash == -5_808_556_873_153_909_620)
    }

    @Test func aTopicMadeAnewStopsTheLaneAtTakeOver() {
        RuntimeStage.play { stage in
            stage.bring(["a", "b"])
            let first = StagedWorker(stage, ScriptedHandler())
            try await first.running { try await stage.until("settled") { stage.nextOffset == 2 } }
            // As many records, and one more, that nobody has seen.
            stage.log.state.update { $0.topics[RuntimeStage.topic] = [[]] }
            try await stage.simulation.sleep(for: .seconds(1))
            stage.bring(["x", "y", "z"])
            let second = StagedWorker(stage, ScriptedHandler(), process: 2)
            try await second.running {
                try await stage.until("refused") { second.progress.status.lanes[0]?.refusal != nil }
                #expect(
                    second.progress.status.lanes[0]?.refusal
                        == "raw[0]: the record at offset 1 is not the one that was processed (its time or key differs): "
                        + "another topic; stop the worker and run `scrm lanes reset test`")
                try await stage.simulation.sleep(for: .seconds(60))
                #expect(second.progress.status.liveness(now: stage.simulation.uptime) == .alive)
                #expect(!stage.log.hasLeft(second.member))
            }
            #expect(stage.journal == ["a", "b"])
            #expect(stage.nextOffset == 2)
        }
    }

    @Test func theSameTopicGoesOn() {
        RuntimeStage.play { stage in
            stage.bring(["a", "b"])
            let first = StagedWorker(stage, ScriptedHandler())
            try await first.running { try await stage.until("settled") { stage.nextOffset == 2 } }
            let second = StagedWorker(stage, ScriptedHandler(), process: 2)
            try await second.running {
                stage.bring(["c"])
                try await stage.until("settled") { stage.nextOffset == 3 }
            }
            #expect(stage.journal == ["a", "b", "c"])
        }
    }
}
