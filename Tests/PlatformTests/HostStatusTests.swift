import Foundation
import Operations
import Testing
import WorkerRuntime

@testable import WorkerHost

struct HostStatusTests {
    @Test(arguments: [
        (WorkerStatus.State.running, nil, Health.good),
        (.starting, nil, .bad("waiting to join the consumer group")),
        (.waitingForStore(reason: "refused"), nil, .bad("waiting for the database: refused")),
        (.waitingForLog(reason: "refused"), nil, .bad("waiting for the broker: refused")),
        (.draining, nil, .bad("shutting down")),
        (.running, "no configuration yet", .bad("no configuration yet")),
    ])
    func readinessSaysWhatIsMissing(state: WorkerStatus.State, trouble: String?, health: Health) {
        var status = WorkerStatus()
        status.state = state
        #expect(Readiness.judge(isStopping: false, trouble: trouble, status: status) == health)
        #expect(Readiness.judge(isStopping: true, trouble: nil, status: status) == .bad("shutting down"))
    }

    @Test func aLaneThatStandsStillIsNotReady() {
        var status = WorkerStatus()
        status.state = .running
        status.lanes[3] = .init(epoch: 1)
        #expect(Readiness.judge(isStopping: false, trouble: nil, status: status) == .good)
        status.lanes[3]?.refusal = "records were lost"
        #expect(
            Readiness.judge(isStopping: false, trouble: nil, status: status)
                == .bad("lane 3 stands still: records were lost"))
    }

    @Test func lifeIsRedWhenRecordsWaitAndNoneCompletes() {
        var status = WorkerStatus()
        status.state = .running
        status.lanes[2] = .init(epoch: 1)
        status.lanes[2]?.waitingSince = .seconds(10)
        #expect(Readiness.judgeLife(status: status, uptime: .seconds(60), limit: .seconds(60)) == .good)
        status.lanes[2]?.step = .database
        #expect(
            Readiness.judgeLife(status: status, uptime: .seconds(80), limit: .seconds(60))
                == .bad(
                    "records wait and none has completed for 60 s in lanes 2, which wait for the database, which does "
                        + "not finish a statement"))
        status.lockHolders = "held by pid 7 (program psql, idle in transaction for 9 s)"
        #expect(
            Readiness.judgeLife(status: status, uptime: .seconds(80), limit: .seconds(60))
                == .bad(
                    "records wait and none has completed for 60 s in lanes 2, which wait for a database lock: held by "
                        + "pid 7 (program psql, idle in transaction for 9 s)"))
        status.lanes[2]?.announcedWaits[.batches] = .waitingForStore(reason: "refused")
        #expect(Readiness.judgeLife(status: status, uptime: .seconds(80), limit: .seconds(60)) == .good)
    }

    @Test func theReportHasTheFieldsThatOthersRead() throws {
        var status = WorkerStatus()
        status.state = .running
        status.lanes[4] = .init(epoch: 2)
        status.lanes[4]?.lagRecords = 12
        status.lanes[4]?.oldestWaitingMilliseconds = 8_500
        status.lanes[1] = .init(epoch: 2)
        status.lanes[1]?.refusal = "lost records"
        status.counts.deadLetters = 2
        status.stages[.database] = .milliseconds(1_500)
        let report = StatusReport(
            worker: "w", instance: "i", host: "h", pid: 7, status: status, waitingFor: nil,
            versions: ["rules": ["ww/rules": "ab12"]], nowMilliseconds: 10_000)
        #expect(
            try report.json() == """
                {"batches":0,"dead_letters":2,"duplicates":0,"host":"h","instance":"i","lag_records":12,\
                "lag_seconds":1.5,"lanes":[4],"pid":7,"rebalances":0,"records":0,"refused_lanes":{"1":"lost records"},\
                "stage_seconds":{"database":1.5,"deciding":0,"polling":0,"publishing":0,"waiting":0},\
                "state":"running","versions":{"rules":{"ww/rules":"ab12"}},"worker":"w"}
                """)
        #expect(try JSONDecoder().decode(StatusReport.self, from: Data(report.json().utf8)) == report)
    }
}
