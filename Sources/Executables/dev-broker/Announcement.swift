import Foundation

/// What the broker tells about itself at the start.
struct Announcement: Encodable {
    var bootstrapServers: String
    var pid: Int32
    var topics: [String: Int32]

    enum CodingKeys: String, CodingKey {
        case bootstrapServers = "bootstrap_servers"
        case pid
        case topics
    }

    init(bootstrapServers: String, topics: [(name: String, partitions: Int32)]) {
        self.bootstrapServers = bootstrapServers
        pid = ProcessInfo.processInfo.processIdentifier
        self.topics = Dictionary(topics.map { ($0.name, $0.partitions) }) { $1 }
    }

    func print(asJSON: Bool) {
        var line = "dev-broker listens on \(bootstrapServers) with \(topics.count) topics\n"
        if asJSON {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            // Strings and integers always encode; without it the plain line still says the address.
            if let data = try? encoder.encode(self) { line = String(decoding: data, as: UTF8.self) + "\n" }
        }
        // Unbuffered, so that a script waiting on a pipe sees it at once.
        FileHandle.standardOutput.write(Data(line.utf8))
    }
}

/// The file that tells others where the broker is. Appears whole or not at all.
struct AddressFile {
    private let path: String

    init(path: String, address: String) throws {
        self.path = path
        try Data((address + "\n").utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    func remove() {
        // Gone already is as good.
        try? FileManager.default.removeItem(atPath: path)
    }
}
