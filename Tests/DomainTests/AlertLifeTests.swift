import Alerting
import Contracts
import Testing

struct AlertLifeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        /// `kind actor [result]`.
        var actions: [String]
        var outcomes: [AlertLife.Outcome]
        var ends: AlertLife
        var testDescription: String { name }
    }

    private static func action(_ text: String) throws -> AlertAction {
        let words = text.split(separator: " ").map(String.init)
        return AlertAction(
            corpID: "ww1", alertID: "a1", conversationID: "c", actionID: text,
            kind: try #require(AlertAction.Kind(rawValue: words[0])), actor: words[1], origin: .page, at: 0,
            result: words.count > 2 ? AlertResult(rawValue: words[2]) : nil)
    }

    @Test(arguments: [
        Case(name: "nothing done", actions: [], outcomes: [], ends: .opened),
        Case(
            name: "the first to acknowledge wins", actions: ["acknowledge an", "acknowledge bo"],
            outcomes: [.applied, .tooLate], ends: AlertLife(state: .acknowledged, revision: 2, holder: "an")),
        Case(
            name: "twice by the same person, ids regardless of case", actions: ["acknowledge an", "acknowledge AN"],
            outcomes: [.applied, .unchanged], ends: AlertLife(state: .acknowledged, revision: 2, holder: "an")),
        Case(
            name: "a leader resolves what a colleague left", actions: ["acknowledge an", "resolve bo legal"],
            outcomes: [.applied, .applied],
            ends: AlertLife(state: .resolved, revision: 3, holder: "bo", result: .legal)),
        Case(
            name: "resolved without being acknowledged", actions: ["resolve an false_alarm", "acknowledge bo"],
            outcomes: [.applied, .tooLate],
            ends: AlertLife(state: .resolved, revision: 2, holder: "an", result: .falseAlarm)),
        Case(
            name: "the first result stands",
            actions: ["resolve an genuine", "resolve bo appeased", "resolve an legal"],
            outcomes: [.applied, .tooLate, .tooLate],
            ends: AlertLife(state: .resolved, revision: 2, holder: "an", result: .genuine)),
        Case(
            name: "the same result again", actions: ["resolve an genuine", "resolve an genuine"],
            outcomes: [.applied, .unchanged],
            ends: AlertLife(state: .resolved, revision: 2, holder: "an", result: .genuine)),
        Case(
            name: "reopened, and taken by another", actions: ["resolve an genuine", "reopen bo", "acknowledge bo"],
            outcomes: [.applied, .applied, .applied],
            ends: AlertLife(state: .acknowledged, revision: 4, holder: "bo")),
        Case(
            name: "only what is resolved can be reopened", actions: ["reopen an", "acknowledge an", "reopen bo"],
            outcomes: [.unchanged, .applied, .tooLate],
            ends: AlertLife(state: .acknowledged, revision: 2, holder: "an")),
        Case(
            name: "comments are always taken and change nothing",
            actions: ["comment bo", "acknowledge an", "comment bo", "resolve an genuine", "comment bo"],
            outcomes: [.applied, .applied, .applied, .applied, .applied],
            ends: AlertLife(state: .resolved, revision: 3, holder: "an", result: .genuine)),
    ])
    func whatActionsDo(_ example: Case) throws {
        var life = AlertLife.opened
        let outcomes = try example.actions.map { life.act(try Self.action($0)) }
        #expect(outcomes == example.outcomes)
        #expect(life == example.ends)
    }

    /// Whatever is done in whatever order: nobody holds what is open, a result belongs to what is resolved, and the
    /// revision counts the changes.
    @Test func noOrderOfActionsBreaksTheState() throws {
        let kinds = [
            "acknowledge an", "acknowledge bo", "resolve an genuine", "resolve bo legal", "reopen an", "comment bo",
        ]
        for number in 0..<(6 * 6 * 6 * 6) {
            var life = AlertLife.opened
            for place in [1, 6, 36, 216] {
                let before = life
                let outcome = life.act(try Self.action(kinds[number / place % 6]))
                #expect((life.revision - before.revision) == (life.state == before.state ? 0 : 1))
                #expect(outcome == .applied || life == before)
                #expect(
                    (life.holder == nil) == (life.state == .open) && (life.result != nil) == (life.state == .resolved))
            }
        }
    }
}
