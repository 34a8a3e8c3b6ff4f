import AlertNotifier
import Alerting
import Testing

struct AlertNotifierTroublesTests {
    private let robot = DeliveryTarget(corpID: "ww1", channel: .robot, id: "sales")
    private let webhook = DeliveryTarget(corpID: "ww1", channel: .webhook, id: "sales")

    @Test func aTroubleIsNewsOnceUntilItChangesOrEnds() {
        let troubles = TargetTroubles()
        #expect(troubles.meets("unknown_target", at: robot))
        #expect(!troubles.meets("unknown_target", at: robot))
        #expect(troubles.meets("unknown_target", at: webhook))
        #expect(troubles.meets("secret_missing", at: robot))
        #expect(troubles.ends(at: robot))
        #expect(!troubles.ends(at: robot))
        #expect(troubles.meets("secret_missing", at: robot))
    }
}
