import FleetHarness
import TestSupport
import Testing

extension TestFleet {
    /// Waits until the counting worker has noted every message, then compares its trails with the input; what is expected
    /// to be noted twice is waited for.
    func compareTrails(with stream: ChatStream, expectsRepetitions: Bool) async throws {
        let oracle = Oracle(stream)
        try await eventually("every message has been noted") {
            try await oracle.countedMessages(self) >= oracle.uniqueMessages
        }
        if expectsRepetitions {
            try await eventually("a message has been noted twice") {
                try await !oracle.trails(self).duplicated.isEmpty
            }
        } else {
            let differences = try await oracle.trails(self)
            #expect(differences == .none)
        }
    }
}
