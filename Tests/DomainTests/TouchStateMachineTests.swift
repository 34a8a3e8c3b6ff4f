import Campaigns
import Testing

@Suite("Campaigns: the life of a touch")
struct TouchStateMachineTests {
    @Test func finalStatesStay() {
        for state in TouchState.allCases {
            #expect(state.isFinal == TouchState.allCases.allSatisfy { !state.canBecome($0) })
        }
    }

    /// The one way to two messages would be from a call whose end nobody knows back to the beginning.
    @Test func whatIsUnsureOrMadeIsNeverSentAgain() {
        for state in [TouchState.created, .reached, .unsure] {
            #expect(!state.canBecome(.planned) && !state.canBecome(.ready) && !state.canBecome(.claimed))
            #expect(TouchState.counted.contains(state))
        }
    }

    @Test(arguments: [
        (-1, TaskOutcome.returned(reason: "platform_busy", pause: .seconds(10))),
        (45009, .returned(reason: "platform_limit", pause: .seconds(60))),
        (40014, .returned(reason: "access_token", pause: .seconds(5))),
        (40001, .returned(reason: "not_allowed", pause: .seconds(600))),
        (41048, .failed(reason: "unreachable")), (84061, .failed(reason: "unreachable")),
        (40201, .failed(reason: "refused_as_spam")), (12345, .failed(reason: "platform_code")),
    ])
    func aRefusalSaysWhatFollows(code: Int, outcome: TaskOutcome) {
        #expect(TaskOutcome(code: code) == outcome)
    }
}
