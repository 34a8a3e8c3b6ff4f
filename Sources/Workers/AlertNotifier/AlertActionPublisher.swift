package import Contracts
import Foundation
import Records
package import WorkerRuntime

/// Publishes what people did to ``Topics/alertActions``, from any copy; the lane of the alert's conversation decides.
package struct AlertActionPublisher: Sendable {
    private let publisher: any RecordPublisher
    private let topic: String

    package init(publisher: any RecordPublisher, namespace: Namespace) {
        self.publisher = publisher
        topic = namespace.topic(Topics.alertActions)
    }

    /// Returns when the broker has it. Cancelling the wait does not withdraw it.
    package func publish(_ action: AlertAction) async throws {
        try await publisher.enqueue([try Self.record(action, topic: topic)]).acknowledged()
    }

    static func record(_ action: AlertAction, topic: String) throws -> OutgoingRecord {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return OutgoingRecord(
            topic: topic, key: Array(action.conversationID.utf8), value: Array(try encoder.encode(action)),
            headers: [
                Header(HeaderNames.eventType, text: AlertAction.eventType),
                Header(HeaderNames.corpID, text: action.corpID),
            ])
    }
}
