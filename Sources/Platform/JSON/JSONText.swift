import Glibc

/// UTF-8 in memory that somebody else owns: an unescaped string or the digits of a number in a parser's document, or what
/// a ``JSONTextBuffer`` holds. Always valid UTF-8; never copied until asked for.
///
/// Valid as long as its owner keeps those bytes: until the parser reads its next document, or the buffer changes. Made
/// for code that reads a record and encodes it again at once; whatever lives longer takes a ``string``.
///
/// Public, unlike the rest of the package: the bodies of `package` functions are not inlined into other modules, and a
/// call for each byte is what this type is there to avoid.
@safe @frozen public struct JSONText: Equatable {
    @usableFromInline let start: UnsafePointer<UInt8>
    @usableFromInline let length: Int

    @inlinable
    init(start: UnsafePointer<UInt8>, count: Int) {
        unsafe self.start = unsafe start
        length = count
    }

    /// A literal's bytes, which never go away.
    @inlinable
    public init(_ literal: StaticString) {
        unsafe self.init(start: literal.utf8Start, count: literal.utf8CodeUnitCount)
    }

    @inlinable public var count: Int { length }
    @inlinable public var isEmpty: Bool { length == 0 }

    @inlinable
    public subscript(index: Int) -> UInt8 {
        precondition(index >= 0 && index < length)
        return unsafe start[index]
    }

    /// The bytes; valid inside the closure.
    @inlinable
    public func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(start: start, count: length))
    }

    public static func == (left: JSONText, right: JSONText) -> Bool {
        unsafe left.length == right.length && memcmp(left.start, right.start, left.length) == 0
    }

    package static func == (text: JSONText, string: String) -> Bool {
        var string = string
        return string.withUTF8 { utf8 in
            guard let base = utf8.baseAddress else { return text.isEmpty }
            return unsafe text == JSONText(start: base, count: utf8.count)
        }
    }

    package static func == (text: JSONText, bytes: [UInt8]) -> Bool {
        unsafe bytes.withUnsafeBufferPointer { bytes in
            guard let base = bytes.baseAddress else { return text.isEmpty }
            return unsafe text == JSONText(start: base, count: bytes.count)
        }
    }

    package static func == (text: JSONText, literal: StaticString) -> Bool { text == JSONText(literal) }

    /// By bytes.
    package func precedes(_ other: JSONText) -> Bool {
        let order = unsafe memcmp(start, other.start, min(length, other.length))
        return order == 0 ? length < other.length : order < 0
    }

    package func hasPrefix(_ prefix: StaticString) -> Bool {
        length >= prefix.utf8CodeUnitCount && dropLast(length - prefix.utf8CodeUnitCount) == JSONText(prefix)
    }

    package func hasSuffix(_ suffix: StaticString) -> Bool {
        length >= suffix.utf8CodeUnitCount && dropFirst(length - suffix.utf8CodeUnitCount) == JSONText(suffix)
    }

    /// - Parameter bytes: whole characters, as many as there are at least.
    package func dropFirst(_ bytes: Int) -> JSONText {
        precondition(bytes >= 0 && bytes <= length)
        return unsafe JSONText(start: start + bytes, count: length - bytes)
    }

    /// - Parameter bytes: whole characters, as many as there are at least.
    package func dropLast(_ bytes: Int) -> JSONText {
        precondition(bytes >= 0 && bytes <= length)
        return unsafe JSONText(start: start, count: length - bytes)
    }

    /// A copy that lives on.
    package var string: String {
        // That it is ASCII must be found out once: a string not known to be is normalised for every comparison.
        var span = unsafe UTF8Span(unchecked: UnsafeBufferPointer(start: start, count: length).span)
        _ = span.checkForASCII()
        return String(copying: span)
    }

    /// A copy that lives on.
    package var bytes: [UInt8] {
        unsafe Array(UnsafeBufferPointer(start: start, count: length))
    }

    /// The whole number these digits are; `nil` for anything else and what does not fit.
    package var int64: Int64? {
        var index = length > 0 && self[0] == UInt8(ascii: "-") ? 1 : 0
        let isNegative = index == 1
        guard index < length else { return nil }
        var value: Int64 = 0
        while index < length {
            let digit = Int64(self[index]) - Int64(UInt8(ascii: "0"))
            guard digit >= 0, digit <= 9 else { return nil }
            let (tens, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, tooLargeAfterAll) =
                isNegative ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
            if tooLarge || tooLargeAfterAll { return nil }
            value = sum
            index += 1
        }
        return value
    }

    /// Spreads texts over the buckets of a table in memory. No protection from chosen texts, and another one in every
    /// version of the program.
    package var fingerprint: UInt64 {
        var hash = UInt64(truncatingIfNeeded: length) &* 0x9E37_79B9_7F4A_7C15
        var index = 0
        while index + 8 <= length {
            hash = unsafe Self.mix(
                hash, UnsafeRawPointer(start).loadUnaligned(fromByteOffset: index, as: UInt64.self))
            index += 8
        }
        var rest: UInt64 = 0
        while index < length {
            rest = rest << 8 | UInt64(self[index])
            index += 1
        }
        return Self.mix(hash, rest)
    }

    private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word ^ 0x2D35_8DCC_AA6C_78A5).multipliedFullWidth(by: 0x8BB8_4B93_962E_ACC9)
        return product.high ^ product.low
    }
}
