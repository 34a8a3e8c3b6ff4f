import Foundation
import Logging

/// Writes each event as one line, as text or as a JSON object.
///
/// Line ends and control characters in messages and metadata are escaped, so an event can neither break nor forge
/// another line.
struct LineLogHandler: LogHandler {
    let label: String
    let format: LogFormat
    /// Takes a whole line with its line end. Called from any thread.
    let write: @Sendable (String) -> Void
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(label: String, format: LogFormat, level: Logger.Level, write: @escaping @Sendable (String) -> Void) {
        self.label = label
        self.format = format
        self.logLevel = level
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let own = event.metadata { all.merge(own) { _, new in new } }
        if let error = event.error { all[LogKeys.error] = "\(error)" }
        let line = LogLine(
            date: Date(), level: event.level, label: label, message: event.message.description, metadata: all)
        write((format == .json ? line.json : line.text) + "\n")
    }

    /// Standard error, one write per line so that lines of several threads and programs do not mix.
    static let standardError: @Sendable (String) -> Void = { line in
        FileHandle.standardError.write(Data(line.utf8))
    }
}
