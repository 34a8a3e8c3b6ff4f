import Contracts
package import TestSupport

/// Something bad that happens to the fleet and is over when the call returns.
package struct Fault: Sendable {
    /// Whom it touches.
    package enum Reach: Sendable {
        /// Some copies of a worker; the lanes of the others go on.
        case copies
        /// Everything, because all share it.
        case everything
    }

    package typealias Happening = @Sendable (inout SeededGenerator) async throws -> [FleetCopies.Copy]

    package var kind: String
    package var reach: Reach
    /// Why it can't happen on this machine.
    package var unavailable: String?
    /// Lets it happen; returns the copies it happened to.
    package var happen: Happening

    package init(
        _ kind: String, _ reach: Reach, unavailable: String? = nil, happen: @escaping Happening
    ) {
        self.kind = kind
        self.reach = reach
        self.unavailable = unavailable
        self.happen = happen
    }
}

/// Faults of the processes themselves.
extension Fault {
    /// SIGKILL.
    package static func kill(_ copies: FleetCopies) -> Fault {
        Fault("kill", .copies) { random in
            guard let copy = copies.all.randomElement(using: &random) else { return [] }
            try copies.kill(copy)
            return [copy]
        }
    }

    /// SIGSTOP for longer than a session of the consumer group lasts, then SIGCONT.
    package static func freeze(_ copies: FleetCopies) -> Fault {
        Fault("freeze", .copies) { random in
            guard let copy = copies.all.randomElement(using: &random) else { return [] }
            try await copies.freeze(copy, for: TestFleet.sessionTimeout + .seconds(3))
            return [copy]
        }
    }

    /// SIGTERM.
    package static func terminate(_ copies: FleetCopies) -> Fault {
        Fault("terminate", .copies) { random in
            guard let copy = copies.all.randomElement(using: &random) else { return [] }
            try await copies.restart(copy)
            return [copy]
        }
    }

    /// SIGKILL in the middle of telling somebody: as soon as the sandbox has taken something in, its callers die.
    package static func killInCall(_ copies: FleetCopies, _ sandbox: Sandbox) -> Fault {
        Fault("kill-in-call", .copies) { _ in
            let before = try await sandbox.received().count
            for _ in 0..<200 {
                if try await sandbox.received().count > before {
                    let callers = copies.of(Programs.alertNotifier)
                    for copy in callers { try copies.kill(copy) }
                    return callers
                }
                try await Task.sleep(for: .milliseconds(20))
            }
            return []
        }
    }
}
