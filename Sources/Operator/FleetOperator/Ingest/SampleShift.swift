import Foundation

/// Moves a recorded day so that its last message is now: every time and every id that holds a time, by the same whole
/// number of seconds, so that order, gaps and references between messages stay.
///
/// Moved are: `msgtime`, `time` of a switch log, `agree_time`, `disagree_time`, `starttime`, `endtime`,
/// `create_time` (Beijing time as text), the time inside `msgid` and `pre_msgid`, and the same inside the JSON strings
/// of merged forwards. Everything else is copied byte by byte. Numbers below 1e11 are seconds, as the platform mixes
/// both.
package struct SampleShift: Sendable, Equatable {
    package var seconds: Int64

    package init(seconds: Int64) { self.seconds = seconds }

    /// Moves `latestMilliseconds` to at most `nowMilliseconds`, less than a second before it.
    package init(latestMilliseconds: Int64, nowMilliseconds: Int64) {
        let difference = nowMilliseconds - latestMilliseconds
        seconds = difference >= 0 ? difference / 1000 : -((999 - difference) / 1000)
    }

    private static let times: Set<String> = [
        "msgtime", "time", "agree_time", "disagree_time", "starttime", "endtime",
    ]
    private static let identifiers: Set<String> = ["msgid", "pre_msgid"]
    private static let maximumDepth = 8
    /// The year 5138 in milliseconds: what is later is no time and stays as it is.
    private static let latestTime: Int64 = 100_000_000_000_000

    /// The moved message. Text that is not JSON comes back as it is.
    package func apply(_ line: [UInt8]) -> [UInt8] { apply(line, depth: 0) }

    /// `msgtime` of a message, or `time` of a switch log, in milliseconds.
    package static func messageTime(_ line: [UInt8]) -> Int64? {
        var found: Int64?
        walk(line) { key, value, depth in
            guard depth == 1, key == "msgtime" || (key == "time" && found == nil), let number = Int64(unquoted(value))
            else {
                return
            }
            guard (1..<latestTime).contains(number) else { return }
            found = number < 100_000_000_000 ? number * 1000 : number
        }
        return found
    }

    private func apply(_ line: [UInt8], depth: Int) -> [UInt8] {
        guard depth < Self.maximumDepth else { return line }
        var result: [UInt8] = []
        result.reserveCapacity(line.count + 16)
        var copied = 0
        Self.walk(line) { key, value, _ in
            guard let replacement = replacement(key, String(decoding: value, as: UTF8.self), depth: depth) else {
                return
            }
            result += line[copied..<value.startIndex]
            result += Array(replacement.utf8)
            copied = value.endIndex
        }
        return result + line[copied...]
    }

    private func replacement(_ key: String, _ value: String, depth: Int) -> String? {
        let quoted = value.hasPrefix("\"")
        let text = quoted ? String(value.dropFirst().dropLast()) : value
        if Self.times.contains(key) {
            guard let moved = time(text) else { return nil }
            return quoted ? "\"\(moved)\"" : moved
        }
        if Self.identifiers.contains(key) {
            guard quoted, let moved = identifier(text) else { return nil }
            return "\"\(moved)\""
        }
        if key == "create_time", quoted { return beijing(text).map { "\"\($0)\"" } }
        if key == "content", quoted, text.hasPrefix("{") || text.hasPrefix("[") { return nested(value, depth: depth) }
        return nil
    }

    private func time(_ text: String) -> String? {
        guard let number = Int64(text), (1..<Self.latestTime).contains(number) else { return nil }
        return String(number + (number < 100_000_000_000 ? seconds : seconds * 1000))
    }

    /// `<digits>_<seconds or milliseconds>[_suffix]`; other shapes hold no time.
    private func identifier(_ text: String) -> String? {
        var parts = text.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 2, [10, 13].contains(parts[1].count), let moved = time(parts[1]) else { return nil }
        parts[1] = moved
        return parts.joined(separator: "_")
    }

    /// `2025-03-10 09:56:51`, which is Beijing time; the zone doesn't matter for moving it.
    private func beijing(_ text: String) -> String? {
        let format = Date.VerbatimFormatStyle(
            format:
                "\(year: .padded(4))-\(month: .twoDigits)-\(day: .twoDigits) \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\(second: .twoDigits)",
            timeZone: .gmt, calendar: Calendar(identifier: .gregorian))
        guard let date = try? Date(text, strategy: format.parseStrategy) else { return nil }  // Not a time: left alone.
        return format.format(date.addingTimeInterval(Double(seconds)))
    }

    /// A JSON text inside a JSON string.
    private func nested(_ literal: String, depth: Int) -> String? {
        // Not JSON after all: left alone.
        guard let inner = try? JSONDecoder().decode(String.self, from: Data(literal.utf8)) else { return nil }
        let moved = apply(Array(inner.utf8), depth: depth + 1)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        guard let encoded = try? encoder.encode(String(decoding: moved, as: UTF8.self)) else { return nil }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static func unquoted(_ value: ArraySlice<UInt8>) -> String {
        String(decoding: value, as: UTF8.self).trimmingCharacters(in: ["\""])
    }

    /// Calls `visit` with each key and the bytes of its scalar value; the depth of the outermost object is 1.
    private static func walk(_ line: [UInt8], visit: (String, ArraySlice<UInt8>, Int) -> Void) {
        var scanner = JSONScanner(line)
        var key: String?
        var pending: Range<Int>?
        var depth = 0
        while let token = scanner.next() {
            switch token {
            case .string(let range):
                if let name = key {
                    visit(name, line[range], depth)
                    key = nil
                } else {
                    pending = range
                }
            case .literal(let range):
                if let name = key { visit(name, line[range], depth) }
                (key, pending) = (nil, nil)
            case .punctuation(let byte):
                switch byte {
                case UInt8(ascii: ":"):
                    key = pending.map {
                        String(decoding: line[($0.lowerBound + 1)..<($0.upperBound - 1)], as: UTF8.self)
                    }
                case UInt8(ascii: "{"), UInt8(ascii: "["):
                    depth += 1
                    key = nil
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    key = nil
                default:
                    key = nil
                }
                pending = nil
            }
        }
    }
}
