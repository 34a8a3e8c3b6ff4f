import Alerting
import Testing

@Suite struct AlertingRetryTests {
    private let policy = RetryPolicy()

    @Test(arguments: [
        (CallResult.accepted, RetryPolicy.Action.delivered),
        (.platformCode(0), .delivered),
        (.platformCode(-1), .retry(after: .seconds(1))),
        (.platformCode(6000), .retry(after: .seconds(1))),
        (.platformCode(45033), .retry(after: .seconds(1))),
        (.platformCode(45009), .waitWindow(.seconds(60))),
        (.platformCode(45002), .shorten),
        (.platformCode(44004), .permanent(reason: "empty_content")),
        (.platformCode(93000), .permanent(reason: "robot_gone")),
        (.platformCode(40001), .permanent(reason: "bad_credentials")),
        (.platformCode(40035), .permanent(reason: "bad_parameter")),
        (.platformCode(40201), .permanent(reason: "refused_as_spam")),
        (.platformCode(60020), .awaitConfiguration(reason: "not_allowed", after: .seconds(30))),
        (.platformCode(12345), .permanent(reason: "platform_code")),
        (.httpStatus(204, retryAfter: nil), .delivered),
        (.httpStatus(302, retryAfter: nil), .permanent(reason: "redirect_refused")),
        (.httpStatus(400, retryAfter: nil), .permanent(reason: "http_status")),
        (.httpStatus(404, retryAfter: .seconds(5)), .permanent(reason: "http_status")),
        (.httpStatus(408, retryAfter: nil), .retry(after: .seconds(1))),
        (.httpStatus(429, retryAfter: .seconds(17)), .retry(after: .seconds(17))),
        (.httpStatus(503, retryAfter: .seconds(100_000)), .retry(after: .seconds(300))),
        (.httpStatus(500, retryAfter: nil), .repeatUnsure(after: .seconds(1))),
        (.httpStatus(502, retryAfter: .seconds(9)), .repeatUnsure(after: .seconds(9))),
        (.gatewayStatus(504, retryAfter: nil), .repeatUnsure(after: .seconds(1))),
        (.gatewayStatus(503, retryAfter: .seconds(7)), .retry(after: .seconds(7))),
        (.gatewayStatus(302, retryAfter: nil), .retry(after: .seconds(1))),
        (.gatewayStatus(407, retryAfter: nil), .retry(after: .seconds(1))),
        (.unreachable, .retry(after: .seconds(1))),
        (.noAnswer, .repeatUnsure(after: .seconds(1))),
        (.notStarted, .retry(after: .zero)),
        (.secretMissing, .awaitConfiguration(reason: "secret_missing", after: .seconds(30))),
        (.targetUnknown, .awaitConfiguration(reason: "unknown_target", after: .seconds(30))),
        (.addressRefused, .awaitConfiguration(reason: "address_refused", after: .seconds(30))),
    ])
    func everyResultHasItsAction(_ result: CallResult, _ action: RetryPolicy.Action) {
        #expect(policy.action(for: result, attempt: 1) == action)
    }

    @Test func aMessageIsShortenedOnlyOnce() {
        #expect(
            policy.action(for: .platformCode(45002), attempt: 2, shortened: true)
                == .permanent(reason: "content_too_long"))
    }

    @Test(arguments: [(1, 1), (2, 2), (3, 4), (8, 128), (9, 256), (10, 300), (1000, 300), (0, 1), (Int.max, 300)])
    func pausesDoubleUpToTheLongest(_ attempt: Int, _ seconds: Int) {
        #expect(policy.pause(attempt, 0.5) == .seconds(seconds))
        #expect(policy.pause(attempt, 0) < policy.pause(attempt, 1))
    }

    @Test func aBucketNeverGivesMoreThanTwentyAMinute() {
        var bucket = TokenBucket.groupRobot
        var taken: [Int64] = []
        for now in stride(from: Int64(0), to: 300_000, by: 50) where bucket.take(at: now) { taken.append(now) }
        for start in taken { #expect(taken.count { $0 >= start && $0 < start + 60_000 } <= 19) }
        #expect(taken.prefix(4) == [0, 0, 0, 0].enumerated().map { Int64($0.offset) * 50 }[...])
        #expect(taken.count >= 75)
    }

    @Test func aBucketRebuiltFromItsCallsAnswersTheSame() {
        var bucket = TokenBucket.groupRobot
        var taken: [Int64] = []
        for now in [Int64(0), 10, 20, 5_000, 5_010, 9_000, 30_000, 30_001, 30_002, 30_003] where bucket.take(at: now) {
            taken.append(now)
        }
        var rebuilt = TokenBucket.groupRobot
        for time in taken { rebuilt.record(at: time) }
        #expect(rebuilt == bucket)
        #expect(rebuilt.nextAvailable(at: 30_004) > 30_004)
        let early = rebuilt.take(at: 30_004)
        #expect(!early)
        let inTime = rebuilt.take(at: rebuilt.nextAvailable(at: 30_004))
        #expect(inTime)
    }

    struct Step: Sendable {
        var result: CallResult
        var state: DeliveryStateMachine.State
        var outcome: DeliveryStateMachine.AttemptOutcome
        var mayBeRepeated = false
        var pausesTarget = false
    }

    @Test(arguments: [
        Step(result: .accepted, state: .delivered, outcome: .delivered),
        Step(result: .platformCode(-1), state: .pending, outcome: .refused),
        Step(result: .platformCode(45009), state: .pending, outcome: .refused, pausesTarget: true),
        Step(result: .platformCode(93000), state: .failed, outcome: .failed),
        Step(result: .unreachable, state: .pending, outcome: .notSent),
        Step(result: .notStarted, state: .pending, outcome: .notSent),
        Step(result: .secretMissing, state: .pending, outcome: .notSent),
        Step(result: .targetUnknown, state: .pending, outcome: .notSent),
        Step(result: .gatewayStatus(404, retryAfter: nil), state: .pending, outcome: .refused),
        Step(result: .httpStatus(504, retryAfter: nil), state: .pending, outcome: .unsure, mayBeRepeated: true),
        Step(result: .noAnswer, state: .pending, outcome: .unsure, mayBeRepeated: true),
    ])
    func aClaimedDeliveryEndsAsItsResultSays(_ step: Step) throws {
        var machine = DeliveryStateMachine(state: .pending, attempts: 0)
        let first = machine.claim()
        let second = machine.claim()
        #expect(first && !second)
        let ending = machine.finish(step.result, policy: policy, jitter: 0.5)
        let change = try #require(ending)
        #expect(change.state == step.state)
        #expect(change.outcome == step.outcome)
        #expect(change.mayBeRepeated == step.mayBeRepeated)
        #expect(change.pausesTarget == step.pausesTarget)
        #expect(machine.state == step.state)
        let again = machine.finish(.accepted, policy: policy, jitter: 0.5)
        #expect(again == nil)
    }

    @Test func onceUnsureADeliveryStaysMarked() throws {
        var machine = DeliveryStateMachine(state: .claimed, attempts: 1)
        let expired = machine.expire()
        #expect(expired?.outcome == .unsure)
        let claimed = machine.claim()
        #expect(claimed)
        let ending = machine.finish(.platformCode(-1), policy: policy, jitter: 0)
        #expect(try #require(ending).mayBeRepeated)
        #expect(machine.attempts == 2)
    }
}
