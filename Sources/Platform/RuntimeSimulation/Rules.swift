import WorkerRuntime

/// The configuration of the toys: which messages are accepted, and which of them raise a decision. Swapped whole, as real
/// snapshots are.
struct Rules: Sendable {
    var version: Int

    /// Some messages are accepted by every other version only.
    static func accepts(_ number: Int, version: Int) -> Bool {
        !isRefusable(number) || acceptsAll(version: version)
    }

    static func acceptsAll(version: Int) -> Bool { version.isMultiple(of: 2) }

    static func isRefusable(_ number: Int) -> Bool { number % 3 == 1 }

    /// Every message is decided by one version, so it is decided wholly by that one.
    static func raisesDecision(_ number: Int, version: Int) -> Bool {
        number.isMultiple(of: version.isMultiple(of: 2) ? 3 : 2)
    }
}
