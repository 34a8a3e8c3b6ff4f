import Campaigns
import Foundation
import Logging
import Postgres
import WeCom
import WorkerRuntime

/// Asks the platform: what became of a call without an answer, and what became of a task's customers.
struct TaskInquiry: Sendable {
    let sender: TaskSender
    let token: String

    /// Clocks of the platform and the database may differ by so much, seconds.
    private static let clockSlack: Int64 = 300
    private static let firstPause = Duration.seconds(2)
    private static let longestPause = Duration.seconds(60)
    private static let longestResultPause = Duration.seconds(3_600)
    /// Without any success the platform is asked for so long.
    private static let longestSilence: Int64 = 86_400_000
    /// Employees who have not confirmed a task by then never will.
    private static let resultsFor: Int64 = 7 * 86_400_000

    func ask(_ task: MassSendTask) async throws {
        switch task.state {
        case .claimed, .asking: try await find(task)
        case .created: try await results(task)
        }
    }

    // MARK: A call without an answer

    private enum Finding: Sendable {
        case found(msgid: String, customers: Set<String>)
        case absent
        /// The platform did not say.
        case unknown
    }

    private func find(_ task: MassSendTask) async throws {
        switch try await look(task) {
        case .found(let msgid, let customers):
            DispatcherMetrics.call("get_groupmsg_list_v2", "found")
            try await sender.record(
                task, .created(taskID: msgid, unreachable: task.customers.filter { !customers.contains($0) }))
        case .absent:
            DispatcherMetrics.call("get_groupmsg_list_v2", "absent")
            try await wait(task, patience: Int64(sender.settings.askFor / .milliseconds(1)))
        case .unknown:
            DispatcherMetrics.call("get_groupmsg_list_v2", "unknown")
            try await wait(task, patience: max(Self.longestSilence, Int64(sender.settings.askFor / .milliseconds(1))))
        }
    }

    /// Our task is one by the same employee, in the time of the call, with the same text and our customers, that is not
    /// known to be another of ours.
    private func look(_ task: MassSendTask) async throws -> Finding {
        let listed = await sender.massSend.list(
            by: task.sender.employeeID, from: task.claimedAt / 1000 - Self.clockSlack,
            to: task.expiresAt / 1000 + Self.clockSlack, token: token)
        guard case .success(let tasks) = listed else { return try await unknown(listed, task) }
        let alike = tasks.filter { $0.text == task.text }.map(\.msgid)
        let known = try await TaskStore.known(alike, corpID: task.sender.corpID, pool: sender.pool)
        let ours = Set(task.customers)
        for msgid in alike where !known.contains(msgid) {
            let results = await sender.massSend.results(of: msgid, by: task.sender.employeeID, token: token)
            guard case .success(let entries) = results else { return try await unknown(results, task) }
            let customers = Set(entries.map(\.customerID))
            if !customers.isEmpty, customers.isSubset(of: ours) { return .found(msgid: msgid, customers: customers) }
        }
        return .absent
    }

    private func unknown<Value>(_ answer: PlatformAnswer<Value>, _ task: MassSendTask) async throws -> Finding {
        try await discardToken(answer, task)
        return .unknown
    }

    private func discardToken<Value>(_ answer: PlatformAnswer<Value>, _ task: MassSendTask) async throws {
        if case .code(let code) = answer, [40014, 42001, 41001].contains(code) {
            try await sender.tokens.discard(token, corpID: task.sender.corpID)
        }
    }

    /// Asks again later, or gives up: the touches are unsure, and never sent again.
    private func wait(_ task: MassSendTask, patience: Int64) async throws {
        try await sender.lane.transaction { transaction in
            guard let open = try await TaskStore.open(task.key, in: transaction), open.state != .created else {
                return .none
            }
            let now = try await TouchStore.now(in: transaction)
            guard now >= task.expiresAt + patience else {
                try await TaskStore.update(
                    open, state: "asking", pause: Self.pause(open.asks, longest: Self.longestPause),
                    detail: "no_answer",
                    in: transaction)
                return .none
            }
            sender.logger.warning(
                "Whether a task was made can't be found out; its customers are not written to again",
                metadata: LogKeys.sender(task.sender).merging(["touches": "\(open.touches.count)"]) { first, _ in first
                })
            return try await sender.end(open, .unsure, "no_answer", now: now, in: transaction)
        }
    }

    private static func pause(_ asks: Int, first: Duration = firstPause, longest: Duration) -> Duration {
        min(first * (1 << min(asks, 12)), longest)
    }

    // MARK: Results

    private func results(_ task: MassSendTask) async throws {
        guard let msgid = task.msgid else { return }
        var endings: [TaskStore.Ending] = []
        let confirmed = await sender.massSend.isConfirmed(msgid, by: task.sender.employeeID, token: token)
        try await discardToken(confirmed, task)
        if case .success(true) = confirmed {
            let results = await sender.massSend.results(of: msgid, by: task.sender.employeeID, token: token)
            try await discardToken(results, task)
            if case .success(let entries) = results {
                DispatcherMetrics.call("get_groupmsg_send_result", "answered")
                endings = Self.endings(task.touches, entries)
            }
        }
        let found = endings
        try await sender.lane.transaction { transaction in
            guard let open = try await TaskStore.open(task.key, in: transaction), open.state == .created else {
                return .none
            }
            let now = try await TouchStore.now(in: transaction)
            let waiting = try await TaskStore.waiting(open, in: transaction)
            let news = found.filter { waiting.contains($0.touch.touchID) }
            try await TaskStore.end(news, of: open, from: .created, msgid: nil, now: now, in: transaction)
            let isOver = news.count == waiting.count || now > task.claimedAt + Self.resultsFor
            try await TaskStore.update(
                open, state: isOver ? "settled" : "created",
                pause: isOver
                    ? nil
                    : Self.pause(
                        open.asks, first: sender.settings.resultInterval,
                        longest: max(Self.longestResultPause, sender.settings.resultInterval)),
                detail: isOver ? "settled" : "awaited", in: transaction)
            return Effects(outbox: try sender.records(news, msgid: msgid, now: now))
        }
    }

    private static func endings(_ touches: [TouchRow], _ entries: [MassSend.Result]) -> [TaskStore.Ending] {
        let statuses = Dictionary(entries.map { ($0.customerID, $0.status) }, uniquingKeysWith: { _, last in last })
        return touches.compactMap { touch in
            switch statuses[touch.customerID] {
            case .sent: TaskStore.Ending(touch: touch, state: .reached)
            case .noFriend: TaskStore.Ending(touch: touch, state: .failed, reason: "no_friend")
            case .tooMany: TaskStore.Ending(touch: touch, state: .failed, reason: "platform_frequency")
            case .notSent, nil: nil
            }
        }
    }
}

extension TaskStore {
    /// Touches of a task whose result is awaited.
    static func waiting(_ task: MassSendTask, in transaction: PostgresTransaction) async throws -> Set<String> {
        let rows = try await transaction.execute(
            "SELECT touch_id FROM campaigns.touches WHERE task_key = $1 AND state = 'created'", [.text(task.key)])
        return Set(try rows.map { try $0.decode(String.self, at: 0) })
    }
}
