import Foundation
import NIOCore

/// Which addresses a webhook may have. Configuration comes from people who may not see the inside of the network; a
/// webhook must not become their way in.
///
/// Judges the address as written: literal addresses and local names. A public name that resolves to a private address is
/// not found out here; where that matters, let the network's egress rules forbid it.
package struct AddressPolicy: Sendable {
    /// Allows loopback, link-local and private addresses too.
    package var allowsPrivate: Bool

    package init(allowsPrivate: Bool) { self.allowsPrivate = allowsPrivate }

    package func allows(_ url: String) -> Bool {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            scheme == "https" || scheme == "http", parts.user == nil, parts.password == nil,
            var host = parts.host?.lowercased(), !host.isEmpty
        else { return false }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        if host.hasSuffix(".") { host.removeLast() }
        if allowsPrivate { return true }
        if host == "localhost" || host.hasSuffix(".localhost") || host.hasSuffix(".local")
            || host.hasSuffix(".internal") || !(host.contains(".") || host.contains(":"))
        {
            return false
        }
        if let address = try? SocketAddress(ipAddress: host, port: 0) {  // nil: a name, judged above
            return Self.isPublic(address)
        }
        // Resolvers take 0x7f.1 and 2130706433 for addresses; a name's last label is never numeric.
        let last = host.split(separator: ".").last ?? ""
        return !(last.allSatisfy(\.isNumber) || last.hasPrefix("0x"))
    }

    private static func isPublic(_ address: SocketAddress) -> Bool {
        switch address {
        case .v4(let address): isPublic(v4: withUnsafeBytes(of: address.address.sin_addr) { Array($0) })
        case .v6(let address): isPublic(v6: withUnsafeBytes(of: address.address.sin6_addr) { Array($0) })
        case .unixDomainSocket: false
        }
    }

    private static func isPublic(v4 bytes: [UInt8]) -> Bool {
        switch (bytes[0], bytes[1]) {
        case (0, _), (10, _), (127, _), (169, 254), (192, 168), (224..., _): false
        case (100, 64...127), (172, 16...31), (198, 18...19): false
        default: true
        }
    }

    private static func isPublic(v6 bytes: [UInt8]) -> Bool {
        if bytes[0..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff {
            return isPublic(v4: Array(bytes[12...]))
        }
        if bytes[0..<12].allSatisfy({ $0 == 0 }) { return false }  // ::, ::1 and old IPv4-compatible ones
        if bytes[0] == 0x00, bytes[1] == 0x64, bytes[2] == 0xff, bytes[3] == 0x9b { return false }  // NAT64
        if bytes[0] & 0xfe == 0xfc || bytes[0] == 0xff { return false }  // unique local, multicast
        return !(bytes[0] == 0xfe && bytes[1] & 0xc0 >= 0x80)  // link-local, site-local
    }
}
