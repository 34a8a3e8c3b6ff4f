import WorkerRuntime

/// The configuration of the toys: which messages raise a decision. Swapped whole, as real snapshots are.
struct Rules: Sendable {
    var version = 1

    /// Every message is decided by one version, so it is decided wholly by that one.
    static func raisesDecision(_ number: Int, version: Int) -> Bool {
        number.isMultiple(of: version.isMultiple(of: 2) ? 3 : 2)
    }
}
