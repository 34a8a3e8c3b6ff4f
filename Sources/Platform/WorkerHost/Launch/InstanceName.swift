import Foundation

/// The name of a copy in heartbeats and connections.
enum InstanceName {
    /// `host-pid-xxxx`; the last part tells containers apart that share host name and process id.
    static func made() -> String {
        let process = ProcessInfo.processInfo
        let host = process.hostName.prefix { $0 != "." }.filter {
            $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-")
        }
        let chance = String(UInt16.random(in: .min ... .max), radix: 16)
        return "\(host.isEmpty ? "host" : host)-\(process.processIdentifier)-\(chance)"
    }
}
