import Foundation
import Logging
import Synchronization
import Testing

@testable import WorkerHost

struct HostLoggingTests {
    @Test func textLinesAreReadable() {
        #expect(
            line(message: "PostgreSQL is away", metadata: ["reason": "connection refused", "lane": "3"]).text
                == "2026-11-23T14:20:00.250Z warning archive-ingest PostgreSQL is away lane=3 reason=\"connection refused\""
        )
    }

    @Test func jsonLinesAreObjects() throws {
        let json = line(message: "a \"b\"", metadata: ["key": "中文\n\u{1}\\", "number": "\(3)"]).json
        #expect(!json.contains("\n"))
        let object = try JSONDecoder().decode([String: String].self, from: Data(json.utf8))
        #expect(
            object == [
                "time": "2026-11-23T14:20:00.250Z", "level": "warning", "program": "archive-ingest",
                "message": "a \"b\"", "key": "中文\n\u{1}\\", "number": "3",
            ])
    }

    @Test(arguments: ["a\nb", "a\r\nb", "a\u{85}b", "a\u{1B}[2Jb"])
    func nothingCanBreakOrForgeALine(hostile: String) {
        let line = line(message: hostile, metadata: [hostile: "\(hostile)"])
        for text in [line.text, line.json] {
            #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }, "\(text)")
        }
    }

    @Test func theHandlerMergesMetadataAndWritesWholeLines() {
        let lines = Lines()
        var logger = Logger(label: "w") { label in
            LineLogHandler(label: label, format: .json, level: .info) { lines.append($0) }
        }
        logger[metadataKey: "lane"] = "1"
        logger.info("hello", metadata: ["lane": "2"])
        logger.debug("not shown")
        #expect(lines.all.count == 1)
        #expect(lines.all.first?.hasSuffix("\"message\":\"hello\",\"lane\":\"2\"}\n") == true)
    }

    private func line(message: String, metadata: Logger.Metadata) -> LogLine {
        LogLine(
            date: Date(timeIntervalSince1970: 1_795_443_600.25), level: .warning, label: "archive-ingest",
            message: message, metadata: metadata)
    }
}

private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func append(_ line: String) { lines.withLock { $0.append(line) } }
}
