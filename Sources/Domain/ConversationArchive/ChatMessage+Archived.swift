package import Contracts
import JSON

extension ChatMessage {
    /// The event that the archive publishes of a message.
    ///
    /// For a few messages: a stream of them is encoded where it is read.
    /// - Parameter raw: the message as the platform gave it.
    /// - Returns: `nil` for what is no chat message.
    package static func archived(
        _ raw: [UInt8], corpID: String, directory: ArchiveDirectory
    ) throws -> ChatMessage? {
        let decoder = ArchiveDecoder()
        // What it reads stays where it read it.
        return try withExtendedLifetime(decoder) {
            guard case .message(let message) = try decoder.decode(raw, headerCorpID: corpID, directory: directory)
            else { return nil }
            var writer = JSONWriter(reservingCapacity: raw.count + 512)
            message.encodeJSON(with: &writer)
            return try ChatMessage(json: JSONParser().parse(writer.bytes).root)
        }
    }
}
