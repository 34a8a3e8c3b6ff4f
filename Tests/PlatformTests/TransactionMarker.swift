import Foundation
import Kafka
import TestSupport
import Testing

/// Writes what a producer's transaction leaves at its end: an offset that holds no record. Librdkafka's mock cluster ends
/// transactions without it, so the request is made by hand (Produce version 3, a control batch of version 2).
/// https://kafka.apache.org/documentation/#controlbatch
enum TransactionMarker {
    struct NotWritten: Error {}

    static func write(to topic: String, partition: Int32, of broker: TestBroker) throws {
        let server = try #require(broker.mock).bootstrapServers.split(separator: ":")
        guard server.count == 2, let port = UInt16(server[1]) else { throw NotWritten() }
        let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let isConnected = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        let request = request(topic, partition)
        guard isConnected, send(socket, request, request.count, 0) == request.count else { throw NotWritten() }
        var answer = [UInt8](repeating: 0, count: 256)
        let count = recv(socket, &answer, answer.count, 0)
        // Size, correlation id, one topic with its name, one partition with its number and its error.
        let error = 4 + 4 + 4 + 2 + topic.utf8.count + 4 + 4
        guard count >= error + 2, answer[error..<error + 2].allSatisfy({ $0 == 0 }) else { throw NotWritten() }
    }

    private static func request(_ topic: String, _ partition: Int32) -> [UInt8] {
        let batch = batch
        let body: [UInt8] =
            // Produce, version, correlation id, client
            int(0 as Int16) + int(3 as Int16) + int(1 as Int32) + text("marker")
            // no transaction of its own, acknowledged by all copies, time-out
            + int(-1 as Int16) + int(-1 as Int16) + int(5_000 as Int32)
            + int(1 as Int32) + text(topic) + int(1 as Int32) + int(partition) + int(Int32(batch.count)) + batch
        return int(Int32(body.count)) + body
    }

    /// One control record: COMMIT.
    private static var batch: [UInt8] {
        let key = int(0 as Int16) + int(1 as Int16)
        let value = int(0 as Int16) + int(0 as Int32)
        let content: [UInt8] = [0, 0, 0, UInt8(key.count) << 1] + key + [UInt8(value.count) << 1] + value + [0]
        let record = [UInt8(content.count) << 1] + content
        let rest: [UInt8] =
            // leader epoch, magic, a checksum that nobody checks
            int(0 as Int32) + [2] + int(0 as Int32)
            // transactional and control; last offset
            + int(0x30 as Int16) + int(0 as Int32)
            + int(0 as Int64) + int(0 as Int64) + int(1 as Int64) + int(0 as Int16) + int(-1 as Int32) + int(1 as Int32)
            + record
        return int(0 as Int64) + int(Int32(rest.count)) + rest
    }

    private static func int(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian, Array.init)
    }
    private static func text(_ text: String) -> [UInt8] { int(Int16(text.utf8.count)) + Array(text.utf8) }
}
