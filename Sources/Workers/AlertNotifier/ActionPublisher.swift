package import Contracts
import Foundation
package import Logging
import Records
import ServiceLifecycle
package import WorkerHost
import WorkerRuntime

/// Publishes what people want done about alerts.
package struct ActionPublisher: Sendable {
    private let publisher: KafkaRecordPublisher
    private let topic: String

    package init(_ launch: Launch, logger: Logger) throws {
        publisher = try KafkaRecordPublisher(launch.kafka, logger: logger)
        topic = Namespace(launch.namespace).topic(Topics.alertActions)
    }

    /// Returns when the broker has it.
    package func publish(_ action: AlertAction) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let record = OutgoingRecord(
            topic: topic, key: Array(action.conversationID.utf8), value: Array(try encoder.encode(action)),
            headers: [
                Header(HeaderNames.eventType, text: AlertAction.eventType),
                Header(HeaderNames.corpID, text: action.corpID),
            ])
        try await publisher.enqueue([record]).acknowledged()
    }
}
