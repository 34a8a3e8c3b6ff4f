import FleetHarness
import Testing

/// The comparison that every delivery test rests on finds what it is for.
struct FindingsTests {
    @Test(arguments: [
        (["a", "b", "c"], "", "", "", ""), (["a", "c"], "p: b", "", "", ""),
        (["a", "b", "b", "c"], "", "p: b", "", ""),
        (["a", "c", "b"], "", "", "p", ""), (["a", "b", "c", "x"], "", "", "", "p: x was never sent"),
        (["c", "a", "a"], "p: b", "p: a", "p", ""), ([], "p: a,p: b,p: c", "", "", ""),
    ])
    func everyDifferenceIsFound(
        actual: [String], lost: String, duplicated: String, outOfOrder: String, wrong: String
    ) {
        let findings = Findings("p", expected: ["a", "b", "c"], actual: actual)
        #expect(findings.lost.joined(separator: ",") == lost)
        #expect(findings.duplicated.joined(separator: ",") == duplicated)
        #expect(findings.outOfOrder.joined(separator: ",") == outOfOrder)
        #expect(findings.wrong.joined(separator: ",") == wrong)
    }

    @Test func theSameSeedGivesTheSameInput() {
        func stream(_ seed: UInt64) -> ChatStream {
            ChatStream(seed: seed, count: 200, conversations: 20, alertEvery: 10, nowMilliseconds: 1_795_000_000_000)
        }
        #expect(stream(7).messages.map(\.json) == stream(7).messages.map(\.json))
        #expect(stream(7).messages.map(\.id) != stream(8).messages.map(\.id))
    }
}
