import Foundation

/// Reads a whole configuration file; `-` is standard input.
enum FileText {
    static let maximumBytes = 64 << 20

    static func read(_ path: String) async throws -> String {
        let source = try ByteSource(path: path)
        var bytes: [UInt8] = []
        while true {
            let chunk = try await source.next()
            if chunk.isEmpty { break }
            bytes += chunk
            guard bytes.count <= maximumBytes else {
                throw OperatorFailure(.usage, "\(path) is longer than \(maximumBytes) bytes.")
            }
        }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw OperatorFailure(.usage, "\(path) is not UTF-8 text.", advice: "Save it as UTF-8.")
        }
        return text
    }

    /// Reads and validates a file; every fault with its line.
    static func parse<File: ConfigurationFile>(_: File.Type, _ path: String, corpID: String?) async throws -> File.Value
    {
        let text = try await read(path)
        do {
            return try File.read(text, corpID: corpID, lists: .beside(path))
        } catch {
            throw error.failure(file: path)
        }
    }
}
