import Contracts
import ConversationArchive
import TestSupport
import Testing

@Suite("Archive: any bytes")
struct ArchiveMutationTests {
    /// Whatever happens to a message's bytes, the answer is a record or a reason; the process lives.
    @Test func mutatedMessagesNeverTrap() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        let lines = try ArchiveFixtures.everyKind()
        let decoder = ArchiveDecoder()
        let directory = ArchiveDirectory(corps: [ArchiveFixtures.corpID])
        var archived = 0
        var refused = 0
        for _ in 0..<20_000 {
            var bytes = lines[Int(random.next() % UInt64(lines.count))]
            for _ in 0...(random.next() % 4) { mutate(&bytes, &random) }
            do {
                let record = try decoder.decode(bytes, headerCorpID: ArchiveFixtures.corpID, directory: directory)
                if case .message(let message) = record {
                    #expect(message.message.text?.unicodeScalars.contains("\0") != true, "seed \(seed)")
                    #expect(!message.message.messageID.isEmpty, "seed \(seed)")
                }
                archived += 1
            } catch {
                refused += 1
            }
        }
        #expect(archived > 0 && refused > 0, "seed \(seed): \(archived) archived, \(refused) refused")
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SeededGenerator) {
        guard !bytes.isEmpty else { return }
        let place = Int(random.next() % UInt64(bytes.count))
        let interesting = Array(#"{}[]":,\u0dtfn-19e."#.utf8) + [0, 0x1F, 0x80, 0xC3, 0xED, 0xFF]
        switch random.next() % 5 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes[place] = interesting[Int(random.next() % UInt64(interesting.count))]
        case 2: bytes.remove(at: place)
        case 3: bytes.insert(interesting[Int(random.next() % UInt64(interesting.count))], at: place)
        default: bytes.removeSubrange(place..<min(bytes.count, place + Int(random.next() % 40)))
        }
    }
}
