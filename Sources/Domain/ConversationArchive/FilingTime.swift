package import JSON

/// When a message is filed: a time every redelivery finds again, in milliseconds UTC.
package enum FilingTime {
    /// 2016 to 2099: before, the platform did not exist; after, somebody's clock is broken.
    package static let plausible: Range<Int64> = 1_451_606_400_000..<4_102_444_800_000

    /// Seconds or milliseconds, told apart by magnitude, as milliseconds; `nil` when implausible.
    package static func milliseconds(_ value: Int64) -> Int64? {
        let milliseconds = value > 0 && value < 100_000_000_000 ? value * 1000 : value
        return plausible.contains(milliseconds) ? milliseconds : nil
    }

    /// The time inside `<digits>_<seconds or milliseconds>[_suffix]`; `nil` for ids without a plausible one.
    package static func milliseconds(inMessageID id: JSONText) -> Int64? {
        var index = 0
        while index < id.count, isDigit(id[index]) { index += 1 }
        guard index > 0, index < id.count, id[index] == UInt8(ascii: "_") else { return nil }
        index += 1
        let start = index
        var value: Int64 = 0
        while index < id.count, isDigit(id[index]) {
            guard index - start < 13 else { return nil }
            value = value * 10 + Int64(id[index] - UInt8(ascii: "0"))
            index += 1
        }
        guard index > start, index == id.count || id[index] == UInt8(ascii: "_") else { return nil }
        return milliseconds(value)
    }

    package static func milliseconds(inMessageID id: String) -> Int64? {
        let buffer = JSONTextBuffer(capacity: 64)
        buffer.append(id)
        return withExtendedLifetime(buffer) { milliseconds(inMessageID: buffer.text) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
