import Campaigns
import Contracts
import CoreMetrics
import Foundation
import Logging
import Postgres
import Records
import Synchronization
import WeCom
import WorkerHost
import WorkerRuntime

/// Makes the tasks of one employee: claim (committed) → call, outside any transaction and only in the claim's time →
/// record. Whoever vanishes in between leaves a claim; the successor asks the platform for it and never makes the call
/// again.
struct TaskSender: Sendable {
    let lane: LaneSession<PostgresTransaction>
    let settings: DispatcherSettings
    let configuration: @Sendable () -> DispatcherConfiguration
    let massSend: MassSend
    let tokens: AccessTokens
    let touchesTopic: String
    let pool: PostgresPool
    let logger: Logger

    /// How long an employee is left alone when no access token is to be had.
    private static let tokenPause = Duration.seconds(2)

    /// Asks what is to be asked, then sends until nothing is ready any more.
    ///
    /// - Returns: how long the employee should be left alone although something is due; `nil` for not at all.
    func serve(_ sender: Sender) async throws -> Duration? {
        while true {
            guard let token = try await token(of: sender) else {
                DispatcherMetrics.withoutToken.increment()
                return Self.tokenPause
            }
            if let task = try await taskToAsk(sender) {
                try await TaskInquiry(sender: self, token: token).ask(task)
                continue
            }
            let begun = ContinuousClock.now
            guard let (task, content) = try await claim(sender) else { return nil }
            // A call under way must be finished and recorded although the lane is being given up: cancelling it would
            // make its outcome unknown. Its own time-out bounds it, and the lane waits for this task.
            try await Task {
                let outcome = try await call(task, content, token: token, deadline: begun + settings.claimLifetime)
                try await record(task, outcome.outcome, errcode: outcome.errcode)
            }.value
            try Task.checkCancellation()
        }
    }

    /// `nil` when there is none now.
    private func token(of sender: Sender) async throws -> String? {
        guard let reference = configuration().secrets[sender.corpID],
            let secret = SecretReference(reference).resolve()
        else { return nil }
        return try await tokens.token(corpID: sender.corpID, secret: secret)
    }

    private func taskToAsk(_ sender: Sender) async throws -> MassSendTask? {
        let found = Mutex<MassSendTask?>(nil)
        try await lane.transaction { transaction in
            let task = try await TaskStore.toAsk(sender, lane: lane.lane, in: transaction)
            found.withLock { $0 = task }
            return .none
        }
        return found.withLock { $0 }
    }

    private func claim(_ sender: Sender) async throws -> (MassSendTask, MassSend.Content)? {
        let key = UUID().uuidString
        let claimed = Mutex<(MassSendTask, MassSend.Content)?>(nil)
        try await lane.transaction { transaction in
            let next = try await claim(sender, key: key, in: transaction)
            claimed.withLock { $0 = next }
            return .none
        }
        return claimed.withLock { $0 }
    }

    /// May run twice, the second time after a commit whose answer was lost.
    private func claim(
        _ sender: Sender, key: String, in transaction: PostgresTransaction
    ) async throws -> (MassSendTask, MassSend.Content)? {
        if let earlier = try await TaskStore.open(key, in: transaction) {
            guard let step = step(earlier.planID, earlier.stepID, earlier.contentHash, corpID: sender.corpID) else {
                return nil
            }
            return (earlier, MassSend.Content(step))
        }
        try await TaskStore.returnStale(sender, lane: lane.lane, in: transaction)
        guard let (touches, hash) = try await TaskStore.ready(sender, lane: lane.lane, in: transaction),
            let first = touches.first
        else { return nil }
        guard let step = step(first.planID, first.stepID, hash, corpID: sender.corpID),
            !isPaused(first.planID, corpID: sender.corpID)
        else {
            // The plans have changed since the guards judged.
            try await TaskStore.giveBack(touches, reason: nil, pause: .zero, in: transaction)
            return nil
        }
        let now = try await TouchStore.now(in: transaction)
        let task = MassSendTask(
            key: key, sender: sender, planID: first.planID, stepID: first.stepID, text: step.text, contentHash: hash,
            state: .claimed, claimedAt: now,
            expiresAt: now + Int64((settings.claimLifetime + settings.requestTimeout) / .milliseconds(1)), msgid: nil,
            asks: 0, touches: touches)
        try await TaskStore.claim(task, lane: lane.lane, in: transaction)
        return (task, MassSend.Content(step))
    }

    /// The step with this content, if the plans in force still have it.
    private func step(
        _ planID: String, _ stepID: String, _ hash: String, corpID: String
    ) -> CampaignsConfiguration.Step? {
        guard let step = configuration().corps[corpID]?.step(planID, stepID), ContentHash.of(step) == hash else {
            return nil
        }
        return step
    }

    /// Somebody has stopped the plan, or all of them, since the guards judged.
    private func isPaused(_ planID: String, corpID: String) -> Bool {
        guard let configuration = configuration().corps[corpID]?.configuration else { return true }
        return configuration.paused || configuration.plans.first { $0.id == planID }?.paused ?? true
    }

    private func call(
        _ task: MassSendTask, _ content: MassSend.Content, token: String, deadline: ContinuousClock.Instant
    ) async throws -> (outcome: TaskOutcome, errcode: Int?) {
        guard ContinuousClock.now < deadline else { return (.notSent("claim_over"), nil) }
        var answer = await massSend.create(
            content, for: task.customers, by: task.sender.employeeID, token: token)
        // The platform may end a token early: it said so, so nothing was made; once more with a new one.
        if case .code(let code) = answer, [40014, 42001, 41001].contains(code) {
            try await tokens.discard(token, corpID: task.sender.corpID)
            guard let fresh = try await self.token(of: task.sender), ContinuousClock.now < deadline else {
                return (TaskOutcome(code: code), code)
            }
            answer = await massSend.create(content, for: task.customers, by: task.sender.employeeID, token: fresh)
        }
        switch answer {
        case .success(let created):
            DispatcherMetrics.call("add_msg_template", "created")
            return (.created(taskID: created.msgid, unreachable: created.unreachable), 0)
        case .code(let code):
            DispatcherMetrics.call("add_msg_template", "refused")
            logger.warning(
                "The platform refused a task",
                metadata: LogKeys.sender(task.sender).merging(["errcode": "\(code)"]) { first, _ in first })
            return (TaskOutcome(code: code), code)
        case .unreachable:
            DispatcherMetrics.call("add_msg_template", "unreachable")
            return (.notSent("unreachable"), nil)
        case .unknown:
            DispatcherMetrics.call("add_msg_template", "unknown")
            return (.unknown, nil)
        }
    }

    func record(_ task: MassSendTask, _ outcome: TaskOutcome, errcode: Int? = nil) async throws {
        try await lane.transaction { transaction in
            // Only if the attempt is still open: a repetition, or an owner who comes late, changes nothing.
            guard let open = try await TaskStore.open(task.key, in: transaction), open.state != .created else {
                return .none
            }
            let now = try await TouchStore.now(in: transaction)
            switch outcome {
            case .created(let msgid, let unreachable):
                let lost = Set(unreachable)
                let endings = open.touches.map { touch in
                    lost.contains(touch.customerID)
                        ? TaskStore.Ending(touch: touch, state: .failed, reason: "unreachable")
                        : TaskStore.Ending(touch: touch, state: .created)
                }
                try await TaskStore.end(
                    endings, of: open, from: .claimed, msgid: msgid, now: now, in: transaction)
                try await TaskStore.update(
                    open, state: "created", msgid: msgid, pause: settings.resultInterval, detail: "created",
                    errcode: errcode, in: transaction)
                return Effects(outbox: try records(endings, msgid: msgid, now: now))
            case .returned(let reason, let pause):
                try await TaskStore.giveBack(open.touches, reason: reason, pause: pause, in: transaction)
                try await TouchStore.note(
                    open.touches.map { .init(touchID: $0.touchID, state: "deferred", reason: reason) }, now: now,
                    in: transaction)
                try await TaskStore.update(
                    open, state: "returned", pause: nil, detail: reason, errcode: errcode, in: transaction)
                return .none
            case .failed(let reason):
                return try await end(open, .failed, reason, errcode: errcode, now: now, in: transaction)
            case .unknown:
                // Its time to ask stays: when nobody can still be making the call.
                return .none
            }
        }
    }

    /// Ends every touch of an attempt.
    func end(
        _ task: MassSendTask, _ state: TouchState, _ reason: String, errcode: Int? = nil, now: Int64,
        in transaction: PostgresTransaction
    ) async throws -> Effects {
        let endings = task.touches.map { TaskStore.Ending(touch: $0, state: state, reason: reason) }
        try await TaskStore.end(endings, of: task, from: .claimed, msgid: nil, now: now, in: transaction)
        try await TaskStore.update(
            task, state: state.rawValue, pause: nil, detail: reason, errcode: errcode, in: transaction)
        return Effects(outbox: try records(endings, msgid: nil, now: now))
    }

    func records(_ endings: [TaskStore.Ending], msgid: String?, now: Int64) throws -> [OutgoingRecord] {
        for (state, group) in Dictionary(grouping: endings, by: \.state) {
            DispatcherMetrics.touches(state, count: group.count)
        }
        return try endings.compactMap { ending in
            guard let state = Touch.State(rawValue: ending.state.rawValue) else { return nil }
            return try ending.touch.record(state, reason: ending.reason, taskID: msgid, at: now, topic: touchesTopic)
        }
    }
}
