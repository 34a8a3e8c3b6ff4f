import Contracts
import FleetOperator
import Foundation
import Testing

@Suite("Operator: the file of plans")
struct OperatorCampaignsFileTests {
    @Test func theDemosPlansAreRead() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "deploy/demo/campaigns.yaml")
        let value = try CampaignsFile.read(try String(contentsOf: file, encoding: .utf8), corpID: nil)
        #expect(value.guards.consent == .assumed && value.timeZone == "Asia/Shanghai")
        let plan = try #require(value.plans.first)
        #expect(plan.trigger == .tagAdded("high-intent") && plan.priority == 60 && plan.dayOne == .anchorDay)
        #expect(plan.endsOn == [.event("order.paid"), .tagRemoved("high-intent")])
        #expect(plan.steps.map(\.id) == ["remind", "coupon"])
        #expect(plan.steps.map(\.validMinutes) == [1_440, 720])
        #expect(plan.steps[0].moment == .after(minutes: 0) && plan.steps[0].attachments.count == 1)
        // What is published is read back, and has one version.
        let bytes = try CampaignsFile.encode(value)
        #expect(try CampaignsFile.decode(bytes) == value)
        #expect(CampaignsFile.changes(from: value, to: value) == [])
    }

    @Test func everyFaultHasItsLine() throws {
        let text = """
            corp_id: ww1
            time_zone: Mars/Olympus
            guards: {quiet_from: 9 o'clock, day_cap: 0}
            plans:
              - id: Cart Rescue
                name: 加购
                trigger: {tag_removed: high-intent}
                steps:
                  - {id: a, day: 3, at: "10:00", text: x}
                  - {id: a, after: 2h, at: "10:00", text: y}
              - id: empty
                name: 空
                trigger: {event: a, tag_added: b}
                steps:
                  - {id: b, after: soon, attachments: [{kind: link, title: t}]}
            """
        let faults: FileFaults
        do {
            _ = try CampaignsFile.read(text, corpID: nil)
            Issue.record("it was taken")
            return
        } catch { faults = error }
        let found = faults.faults.map { "\($0.line ?? 0) \($0.path)" }
        #expect(
            Set(found).isSuperset(of: [
                "2 time_zone", "3 guards.consent", "3 guards.quiet_from", "3 guards.day_cap", "5 plans[0].id",
                "7 plans[0].trigger", "5 plans[0].day_one", "10 plans[0].steps[1].id", "10 plans[0].steps[1].after",
                "13 plans[1].trigger", "15 plans[1].steps[0].after", "15 plans[1].steps[0].attachments[0].url",
            ]), "\(found)")
    }

    @Test func aDifferenceIsSaidPlanByPlan() throws {
        let guards = "guards: {consent: required}"
        func read(_ plans: String) throws -> CampaignsConfiguration {
            try CampaignsFile.read("corp_id: ww1\n\(guards)\nplans:\n\(plans)", corpID: nil)
        }
        let old = try read("  - {id: a, name: A, trigger: {event: e}, steps: [{id: s, after: 0m, text: x}]}")
        var new = try read(
            """
              - {id: a, name: A, priority: 70, trigger: {event: e}, steps: [{id: s, after: 1h, text: y}]}
              - {id: b, name: B, trigger: {event: e}, steps: [{id: s, after: 0m, text: x}]}
            """)
        new.paused = true
        #expect(
            CampaignsFile.changes(from: old, to: new) == [
                "~ all plans: paused false → true", "~ plan a A (1 step): priority 50 → 70, ~ step s: text, moment",
                "+ plan b B (1 step)",
            ])
        #expect(CampaignsFile.summary(new) == "plans: 2, steps: 2, all paused")
    }

    @Test func aCorpThatIsNotServedIsAFault() throws {
        let value = try CampaignsFile.read("corp_id: ww1\nguards: {consent: required}\nplans: []", corpID: nil)
        #expect(CampaignsFile.findings(value, corps: nil).faults.count == 1)
        let corps = CorpsConfiguration(corps: [.init(id: "ww1", name: "店")])
        #expect(CampaignsFile.findings(value, corps: corps) == .init())
    }
}
