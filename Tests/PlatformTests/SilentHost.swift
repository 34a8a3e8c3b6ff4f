import Foundation

/// A local port that takes connections and never answers, as a host behind a broken network.
final class SilentHost: Sendable {
    let port: UInt16
    private let socket: Int32

    struct NoPort: Error {}

    init() throws {
        let listening = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listening, address, size) == 0 && listen(listening, 16) == 0
                    && getsockname(listening, address, &size) == 0
            }
        }
        guard isBound else { throw NoPort() }
        socket = listening
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(socket) }
}
