import FleetOperator
import Records
import Synchronization
import TestSupport
import Testing
import WorkerRuntime

struct OperatorIngestTests {
    /// Remembers what was published; acknowledges at once.
    private final class Recorder: RecordPublisher, Publication {
        let records = Mutex<[OutgoingRecord]>([])

        func enqueue(_ records: [OutgoingRecord]) async throws -> any Publication {
            self.records.withLock { $0 += records }
            return self
        }

        func acknowledged() async throws {}
    }

    /// Sleeping is only counted.
    private final class CountingClock: RuntimeClock {
        let slept = Mutex(Duration.zero)
        var uptime: Duration { slept.withLock { $0 } }
        var nowMilliseconds: Int64 { 1_741_571_101_102 }
        func sleep(for duration: Duration) async throws {
            // The broker of these tests answers at once: nobody's patience ends.
            if duration == BrokerPatience.limit { try await Task.sleep(for: .seconds(3600)) }
            slept.withLock { $0 += duration }
        }
        func random() -> UInt64 { 4 }
    }

    /// Acknowledges only after somebody has said that it keeps silent.
    private final class SilentBroker: RecordPublisher, Publication {
        let told = Mutex<[BrokerPatience.News]>([])

        func enqueue(_ records: [OutgoingRecord]) async throws -> any Publication { self }

        func acknowledged() async throws {
            while told.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(1)) }
        }
    }

    /// Time flies.
    private final class HastyClock: RuntimeClock {
        let slept = Mutex(Duration.zero)
        var uptime: Duration { slept.withLock { $0 } }
        var nowMilliseconds: Int64 { 0 }
        func sleep(for duration: Duration) async throws { slept.withLock { $0 += duration } }
        func random() -> UInt64 { 4 }
    }

    @Test(.patient) func aSilentBrokerIsToldOfAndWaitedFor() async throws {
        let broker = SilentBroker()
        var chunks = [#"{"msgid":"a"}"# + "\n"][...]
        let report = try await Ingest(
            publisher: broker, clock: HastyClock(), line: IngestLine(topic: "chat.raw.v1", corpID: "ww1"),
            pace: Pace(rate: nil), onNews: { news in broker.told.withLock { $0.append(news) } }
        ).run(maximumLineBytes: 1000) { Array((chunks.popFirst() ?? "").utf8) }
        #expect(report.sent == 1)
        let told = broker.told.withLock { $0 }
        #expect(told.suffix(2) == [.silent, .back])
    }

    /// A pipe that has nothing new must not hide that what it brought did not get through.
    @Test(.patient) func silenceIsToldOfWhileTheInputRests() async throws {
        let broker = SilentBroker()
        var calls = 0
        let report = try await Ingest(
            publisher: broker, clock: HastyClock(), line: IngestLine(topic: "chat.raw.v1", corpID: "ww1"),
            pace: Pace(rate: nil), onNews: { news in broker.told.withLock { $0.append(news) } }
        ).run(maximumLineBytes: 1000) {
            calls += 1
            if calls == 1 { return Array("{}\n".utf8) }
            // The input ends only after the silence was told of.
            while !broker.told.withLock({ $0.contains(.back) }) { try await Task.sleep(for: .milliseconds(1)) }
            return []
        }
        #expect(report.sent == 1)
    }

    private func run(
        _ chunks: [String], corpID: String? = "ww1", rate: Int? = nil, maximumBytes: Int = 1000
    ) async throws -> (IngestReport, [OutgoingRecord], Duration) {
        let recorder = Recorder()
        let clock = CountingClock()
        var rest = chunks[...]
        let report = try await Ingest(
            publisher: recorder, clock: clock,
            line: IngestLine(topic: "chat.raw.v1", corpID: corpID, maximumBytes: maximumBytes), pace: Pace(rate: rate)
        ).run(maximumLineBytes: maximumBytes) { Array((rest.popFirst() ?? "").utf8) }
        return (report, recorder.records.withLock { $0 }, clock.uptime)
    }

    private func text(_ bytes: [UInt8]?) -> String { String(decoding: bytes ?? [], as: UTF8.self) }

    @Test func linesCutAcrossChunksAreWhole() async throws {
        let (report, records, _) = try await run(
            [#"{"msgid":"#, #""a"}"# + "\r\n\n", #"{"msgid":"b"}"#], corpID: "ww1")
        #expect(
            records.map { text($0.value) } == [#"{"corp_id":"ww1","msgid":"a"}"#, #"{"corp_id":"ww1","msgid":"b"}"#])
        #expect(report.lines == 2 && report.sent == 2 && report.bad == 0)
    }

    @Test func aBadLineIsNumberedAndDoesNotStopTheRest() async throws {
        let long = #"{"text":""# + String(repeating: "x", count: 2000) + #""}"#
        let (report, records, _) = try await run(["oops 维权\n\n[1]\n\(long)\n{}\n"])
        #expect(report.badLines.map(\.line) == [1, 3, 4])
        #expect(records.map { text($0.value) } == [#"{"corp_id":"ww1"}"#])
        #expect(report.lines == 4 && report.bad == 3)
        #expect(!report.text.contains("维权"))
    }

    @Test func aCorpInTheLineIsKeptAndANullOneReplaced() async throws {
        let (_, records, _) = try await run([#"{"corp_id":"ww9"}"# + "\n" + #"{"corp_id":null}"#])
        #expect(records.map { text($0.value) } == [#"{"corp_id":"ww9"}"#, #"{"corp_id":"ww1","corp_id":null}"#])
    }

    @Test func aLineWithoutCorpIsBadWhenNoneIsGiven() async throws {
        let (report, records, _) = try await run([#"{"msgid":"a"}"#], corpID: nil)
        #expect(records.isEmpty)
        #expect(report.badLines.map(\.reason) == ["no corp_id, and no --corp given"])
    }

    @Test func bothSidesOfAConversationHaveOneKey() async throws {
        let customer = "wmR4xTCwAAq0Zc7hVw2Ue8mJt5Lk9PsA"
        let (_, records, _) = try await run([
            #"{"msgid":"1","from":"LinXiaoMan","tolist":["\#(customer)"],"roomid":""}"# + "\n"
                + #"{"msgid":"2","from":"\#(customer)","tolist":["linxiaoman"]}"# + "\n"
                + #"{"msgid":"3","from":"hejun","tolist":["x","y"],"roomid":"wr1"}"# + "\n"
                + #"{"msgid":"4","action":"switch","user":"hejun"}"#
        ])
        #expect(records[0].key == records[1].key)
        #expect(text(records[0].key).hasPrefix("s:"))
        #expect(text(records[2].key) == "g:wr1")
        #expect(text(records[3].key) == "4")
    }

    @Test func theRateIsKeptByWaiting() async throws {
        let lines = (0..<100).map { #"{"msgid":"\#($0)"}"# }.joined(separator: "\n")
        let (report, _, elapsed) = try await run([lines], rate: 20)
        #expect(report.sent == 100)
        // 99 records were due one twentieth of a second after the one before.
        #expect(elapsed > .milliseconds(4949) && elapsed < .milliseconds(4951))
    }

    @Test func badLinesAreToldBeforeTheRestIsRead() async throws {
        let told = Mutex<[Int]>([])
        var chunks = ["oops\n", "{}\n", "also bad\n"][...]
        var toldBeforeChunk: [[Int]] = []
        _ = try await Ingest(
            publisher: Recorder(), clock: CountingClock(), line: IngestLine(topic: "chat.raw.v1", corpID: "ww1"),
            pace: Pace(rate: nil), onBad: { bad in told.withLock { $0.append(bad.line) } }
        ).run(maximumLineBytes: 1000) {
            toldBeforeChunk.append(told.withLock { $0 })
            return Array((chunks.popFirst() ?? "").utf8)
        }
        #expect(toldBeforeChunk == [[], [1], [1], [1, 3]])
    }

    @Test func onlyTheFirstBadLinesAreListed() async throws {
        let (report, _, _) = try await run([String(repeating: "x\n", count: 150)])
        #expect(report.bad == 150)
        #expect(report.badLines.count == IngestReport.maximumBadLines)
        #expect(report.text.contains("150 bad (the first 100 were listed)"))
    }
}
