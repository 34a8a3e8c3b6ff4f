import Foundation
import Logging

/// One log event, ready to be written.
struct LogLine {
    var date: Date
    var level: Logger.Level
    var label: String
    var message: String
    var metadata: Logger.Metadata

    private var time: String { date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) }

    /// `2026-11-23T22:20:00.000Z warning archive-ingest PostgreSQL is away reason="connection refused"`
    var text: String {
        let pairs = metadata.sorted { $0.key < $1.key }.map {
            " \(Self.escaped($0.key))=\(Self.quoted($0.value.description))"
        }
        return "\(time) \(level.rawValue) \(label) \(Self.escaped(message))\(pairs.joined())"
    }

    /// The metadata keys are members beside `time`, `level`, `program` and `message`, in order of name.
    var json: String {
        let fixed = [("time", time), ("level", level.rawValue), ("program", label), ("message", message)]
        let members =
            fixed.map { (key: $0.0, value: $0.1) }
            + metadata.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value.description) }
        return "{" + members.map { "\(Self.literal($0.key)):\(Self.literal($0.value))" }.joined(separator: ",") + "}"
    }

    private static func quoted(_ value: String) -> String {
        let isPlain =
            !value.isEmpty
            && value.unicodeScalars.allSatisfy {
                $0.value > 0x20 && !(0x7F...0x9F).contains($0.value) && !"\"\\=".unicodeScalars.contains($0)
            }
        return isPlain ? value : literal(value)
    }

    private static func literal(_ text: String) -> String { "\"\(escaped(text, quotes: true))\"" }

    private static func escaped(_ text: String, quotes: Bool = false) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\"" where quotes: result += "\\\""
            case "\\" where quotes: result += "\\\\"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F || (0x80...0x9F).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
