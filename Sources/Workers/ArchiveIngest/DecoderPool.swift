import ConversationArchive
import Synchronization

/// Decoders kept for reuse: their buffers are worth more than the message.
///
/// Lanes decode at the same time, each under the lock of a decoder that is free; when none is, a fresh one does it.
struct DecoderPool: Sendable {
    private final class Slot: Sendable {
        let decoder = Mutex(ArchiveDecoder())
    }

    private let slots: [Slot]

    init(size: Int = 8) { slots = (0..<size).map { _ in Slot() } }

    func decode(
        _ bytes: [UInt8], headerCorpID: String?, directory: ArchiveDirectory
    ) throws(ArchiveFault) -> ArchiveRecord {
        for slot in slots {
            let record = try slot.decoder.withLockIfAvailable { (decoder) throws(ArchiveFault) in
                try decoder.decode(bytes, headerCorpID: headerCorpID, directory: directory)
            }
            if let record { return record }
        }
        return try ArchiveDecoder().decode(bytes, headerCorpID: headerCorpID, directory: directory)
    }
}
