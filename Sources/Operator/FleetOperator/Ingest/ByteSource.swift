import Dispatch
import Foundation

/// A file or standard input, read in chunks on a thread of its own, so that a slow pipe holds up nothing else.
final class ByteSource: Sendable {
    private let handle: FileHandle
    private let queue = DispatchQueue(label: "scrm.bytes")
    private let chunkBytes = 1_048_576

    /// - Parameter path: `-` for standard input.
    init(path: String) throws(OperatorFailure) {
        if path == "-" {
            handle = .standardInput
            return
        }
        do {
            handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        } catch {
            throw OperatorFailure(
                .usage, "\(path) can't be opened for reading.", advice: "Check the path and its permissions.")
        }
    }

    /// The next bytes, as soon as there are any; empty at the end.
    func next() async throws -> [UInt8] {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { [handle, chunkBytes] in
                var buffer = [UInt8](repeating: 0, count: chunkBytes)
                let count = read(handle.fileDescriptor, &buffer, chunkBytes)
                if count < 0 {
                    continuation.resume(
                        throwing: OperatorFailure(.failure, "reading failed: \(String(cString: strerror(errno)))"))
                } else {
                    continuation.resume(returning: Array(buffer.prefix(count)))
                }
            }
        }
    }
}
