import Foundation

/// Where a command writes: results to standard output, progress and notes to standard error.
package struct Console: Sendable {
    /// One object or array instead of text.
    package var json: Bool
    /// Standard error is a terminal: progress is shown there and nowhere else.
    package var showsProgress: Bool

    package init(json: Bool, showsProgress: Bool = isatty(STDERR_FILENO) == 1) {
        self.json = json
        self.showsProgress = showsProgress
    }

    /// Writes a result: as one line of JSON with sorted snake_case keys, or as the given text.
    package func report(_ value: some Encodable, text: @autoclosure () -> String) throws {
        if json {
            write(try Self.encode(value), to: .standardOutput)
        } else {
            let text = text()
            if !text.isEmpty { write(text, to: .standardOutput) }
        }
    }

    /// A remark that is not a result. Takes the place of the progress line.
    package func note(_ text: String) {
        endProgress()
        write(text, to: .standardError)
    }

    /// Replaces the progress line. Nothing without a terminal.
    package func progress(_ text: String) {
        guard showsProgress else { return }
        FileHandle.standardError.write(Data("\r\u{1B}[2K\(text)".utf8))
    }

    /// Removes the progress line.
    package func endProgress() { progress("") }

    /// Keys are snake_case, sorted, and never change their meaning.
    package static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private func write(_ text: String, to handle: FileHandle) { handle.write(Data((text + "\n").utf8)) }
}
