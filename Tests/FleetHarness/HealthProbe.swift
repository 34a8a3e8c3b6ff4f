import AsyncHTTPClient
package import Foundation
import NIOCore
import NIOHTTP1
package import TestSupport

/// Asks a running worker how it is.
package struct HealthProbe: Sendable {
    package struct Answer: Sendable {
        package var status: Int
        package var text: String
    }

    private let portFile: URL

    package init(portFile: URL) { self.portFile = portFile }

    /// - Parameter path: `livez`, `readyz` or `metrics`.
    package func ask(_ path: String) async throws -> Answer {
        var port = ""
        try await eventually("\(portFile.lastPathComponent) is written") {
            port = (try? String(contentsOf: portFile, encoding: .utf8)) ?? ""  // not there yet
            return !port.isEmpty
        }
        let url = "http://127.0.0.1:\(port.trimmingCharacters(in: .whitespacesAndNewlines))/\(path)"
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: url), timeout: TimeAmount(Patience.limit))
        let body = try await response.body.collect(upTo: 16 << 20)
        return Answer(status: Int(response.status.code), text: String(buffer: body))
    }
}

extension TestFleet {
    /// Starts a worker and tells how to ask it.
    package func probed(
        _ program: String, _ arguments: [String] = [], settings: [String: String] = [:]
    ) throws -> (program: RunningProgram, probe: HealthProbe) {
        let file = folder.appendingPathComponent("\(program)-\(UUID().uuidString.prefix(4)).port")
        let started = try start(program, arguments + ["--http-port-file", file.path], settings: settings)
        return (started, HealthProbe(portFile: file))
    }
}
