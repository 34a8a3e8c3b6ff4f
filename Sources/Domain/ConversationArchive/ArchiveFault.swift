/// Why a record cannot be archived as a message. Only the envelope can be at fault, never the body.
package struct ArchiveFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// The words operators filter dead letters by.
    package enum Reason: String, Sendable, CaseIterable {
        case malformedJSON = "malformed_json"
        case noMessageID = "no_msgid"
        case badEnvelope = "bad_envelope"
        case unknownAction = "unknown_action"
        case badRecall = "bad_recall"
        case unknownCorp = "unknown_corp"
    }

    package var reason: Reason
    /// What is wrong and where, without any content of the record.
    package var detail: String

    package init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }

    package var description: String { "\(reason.rawValue): \(detail)" }
}
