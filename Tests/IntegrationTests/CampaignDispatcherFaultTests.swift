import Contracts
import Foundation
import Postgres
import TestSupport
import Testing
import WeComSandbox

/// The platform misbehaves, workers vanish: what each customer got, by the stand-in's own list.
@Suite(.requiresPostgres, .patient)
struct CampaignDispatcherFaultTests {
    private typealias Scene = CampaignDispatcherScene

    private static let create = "/cgi-bin/externalcontact/add_msg_template"

    @Test(arguments: [SandboxFault.Kind.dropAfterEffect, .http500AfterEffect])
    func aTaskWhoseAnswerWasLostIsFoundAndNotMadeAgain(kind: SandboxFault.Kind) async throws {
        try await Scene.run(requestTimeout: .seconds(2), claimLifetime: .seconds(1)) { scene in
            scene.sandbox.ledger.add(SandboxFault(kind: kind, path: Self.create))
            try await scene.takeIn([Scene.event("cart.added", "wm1"), Scene.event("cart.added", "wm2")])
            try await scene.whileHoldingLanes {
                try await scene.wait(for: "campaigns.touches WHERE state = 'reached'", toBe: 2)
            }
            #expect(scene.sandbox.contact.touches().map(\.customerID).sorted() == ["wm1", "wm2"])
        }
    }

    @Test func aCallThatNeverArrivedEndsUnsureAndIsNotRepeated() async throws {
        try await Scene.run(requestTimeout: .seconds(2), claimLifetime: .seconds(1), askFor: .seconds(1)) { scene in
            scene.sandbox.ledger.add(SandboxFault(kind: .dropBeforeEffect, path: Self.create))
            try await scene.takeIn([Scene.event("cart.added")])
            try await scene.whileHoldingLanes {
                try await scene.wait(for: "campaigns.touches WHERE state = 'unsure'")
            }
            #expect(scene.sandbox.contact.touches().isEmpty)
            #expect(scene.touches.map(\.state) == [.unsure])
            #expect(try await scene.count("campaigns.tasks WHERE state = 'unsure' AND asks > 0") == 1)
        }
    }

    /// Claimed, and perhaps sent, by a worker that is gone.
    @Test func aVanishedOwnersTaskIsFoundByItsCustomers() async throws {
        try await Scene.run(requestTimeout: .seconds(2), claimLifetime: .seconds(1)) { scene in
            // Another employee's task with the same words, and one of the same employee for somebody else, are no proof.
            try await scene.takeIn([
                Scene.event("cart.added", "other", employee: "zhouning"), Scene.event("cart.added", "earlier"),
            ])
            try await scene.whileHoldingLanes {
                try await scene.wait(for: "campaigns.touches WHERE state = 'reached'", toBe: 2)
            }
            try await scene.takeIn([Scene.event("cart.added", "mine")])
            scene.sandbox.ledger.add(SandboxFault(kind: .dropAfterEffect, path: Self.create))
            try await scene.whileHoldingLanes {
                try await scene.wait(for: "campaigns.touches WHERE customer_id = 'mine' AND state = 'claimed'")
                try await eventually("the call has arrived") { scene.sandbox.contact.tasks().count == 3 }
            }
            try await scene.whileHoldingLanes {
                try await scene.wait(for: "campaigns.touches WHERE state = 'reached'", toBe: 3)
            }
            #expect(scene.sandbox.contact.touches().map(\.customerID).sorted() == ["earlier", "mine", "other"])
            let task = try #require(scene.sandbox.contact.tasks().first { $0.customers == ["mine"] })
            #expect(
                try await scene.count("campaigns.touches WHERE customer_id = 'mine' AND msgid = '\(task.msgid)'") == 1)
        }
    }

    @Test func aTokenThatEndedEarlyIsReplacedAndTheCallMadeOnce() async throws {
        try await Scene.run { scene in
            try await scene.takeIn([Scene.event("cart.added", "wm1")])
            try await scene.whileHoldingLanes {
                try await scene.wait(for: "campaigns.touches WHERE state = 'reached'")
                scene.sandbox.tokens.endAll()
                try await scene.takeIn([Scene.event("cart.added", "wm2")])
                try await scene.wait(for: "campaigns.touches WHERE state = 'reached'", toBe: 2)
            }
            #expect(scene.sandbox.contact.touches().map(\.customerID).sorted() == ["wm1", "wm2"])
        }
    }

    @Test(arguments: [45009, -1])
    func aRefusalThatPassesPutsTheTouchOff(code: Int) async throws {
        try await Scene.run { scene in
            scene.sandbox.ledger.add(SandboxFault(kind: .errcode, errcode: code, path: Self.create))
            try await scene.takeIn([Scene.event("cart.added")])
            try await scene.whileHoldingLanes {
                try await scene.wait(for: "campaigns.tasks WHERE state = 'returned' AND errcode = \(code)")
                _ = try await scene.pool.execute("UPDATE campaigns.touches SET next_at = now()")
                try await scene.wait(for: "campaigns.touches WHERE state = 'reached'")
            }
            #expect(scene.sandbox.contact.touches().count == 1)
        }
    }

    @Test func aTaskStillBeingDistributedIsAskedAboutLater() async throws {
        try await Scene.run { scene in
            scene.sandbox.ledger.add(
                SandboxFault(
                    kind: .errcode, count: 2, errcode: 41063,
                    path: "/cgi-bin/externalcontact/get_groupmsg_send_result"))
            try await scene.takeIn([Scene.event("cart.added")])
            try await scene.whileHoldingLanes {
                try await scene.wait(for: "campaigns.touches WHERE state = 'reached'")
            }
            #expect(try await scene.count("campaigns.tasks WHERE state = 'settled' AND asks >= 3") == 1)
        }
    }

    @Test func aRefusedSecretIsNotTriedAgainAtOnce() async throws {
        let settings = SandboxSettings(contactSecret: "another", confirmsAfter: 0)
        try await Scene.run(sandbox: settings) { scene in
            try await scene.takeIn([Scene.event("cart.added")])
            try await scene.whileHoldingLanes {
                try await eventually("the secret is refused") {
                    scene.sandbox.ledger.counters()["errcode_40001"] != nil
                }
                try await scene.wait(
                    for: "campaigns.access_tokens WHERE leased_until > now() + interval '5 minutes'")
            }
            #expect(scene.sandbox.ledger.counters()["errcode_40001"] == 1)
            #expect(scene.sandbox.contact.touches().isEmpty)
        }
    }
}
