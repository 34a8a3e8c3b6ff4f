import Foundation
import TestSupport
import Testing

/// What somebody reads who has only the programs.
@Suite struct ProgramHelpTests {
    @Test(arguments: [
        "archive-ingest", "sensitive-word-monitor", "alert-notifier", "campaign-dispatcher", "scrm", "dev-broker",
        "wecom-sandbox",
    ])
    func everyProgramShowsAnExample(_ program: String) async throws {
        let log = FileManager.default.temporaryDirectory.appendingPathComponent("help-\(UUID().uuidString).log")
        defer { try? FileManager.default.removeItem(at: log) }  // a leftover in the temporary folder harms nobody
        let running = try RunningProgram(program, ["--help"], log: log)
        #expect(try await running.exitCode() == 0)
        let text = try String(contentsOf: log, encoding: .utf8)
        let example = try #require(text.firstRange(of: /Example:|EXAMPLE/))
        #expect(text[example.upperBound...].contains(program))
    }
}
