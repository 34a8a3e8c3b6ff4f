/// Appends compact JSON to a byte buffer.
///
/// Commas are its own business; that objects and arrays are closed, and that members have keys, is the caller's.
@safe package struct JSONWriter: ~Copyable {
    /// Raw memory rather than an array: a message is some hundred small appends, each of which would check for
    /// uniqueness and bounds.
    private var buffer: UnsafeMutableRawBufferPointer
    private var count = 0
    private var needsComma = false

    package init(reservingCapacity capacity: Int = 256) {
        unsafe buffer = .allocate(byteCount: max(capacity, 64), alignment: 8)
    }

    deinit { unsafe buffer.deallocate() }

    /// Begins anew in the same memory.
    package mutating func removeAll() {
        count = 0
        needsComma = false
    }

    /// What was written so far.
    package var bytes: [UInt8] {
        unsafe Array(UnsafeRawBufferPointer(rebasing: buffer[..<count]).assumingMemoryBound(to: UInt8.self))
    }

    /// Lends what was written so far.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        unsafe body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// - Parameter key: plain ASCII without quotes and backslashes.
    package mutating func key(_ key: StaticString) {
        reserve(key.utf8CodeUnitCount + 4)
        separate()
        putKey(key)
        needsComma = false
    }

    /// Key and value at once: nearly all of a message is such members.
    package mutating func member(_ key: StaticString, _ value: String) {
        var value = value
        value.withUTF8 { utf8 in
            reserve(key.utf8CodeUnitCount + utf8.count + 6)
            separate()
            putKey(key)
            unsafe putQuoted(UnsafeRawBufferPointer(utf8))
        }
        needsComma = true
    }

    /// Leaves the member out when there is no value, as `Codable` does.
    package mutating func member(_ key: StaticString, _ value: String?) {
        if let value { member(key, value) }
    }

    /// Key and text, as it stands in a document or buffer.
    package mutating func member(_ key: StaticString, _ value: JSONText) {
        unsafe value.withBytes { utf8 in
            reserve(key.utf8CodeUnitCount + utf8.count + 6)
            separate()
            putKey(key)
            unsafe putQuoted(utf8)
        }
        needsComma = true
    }

    /// Leaves the member out when there is no value, as `Codable` does.
    package mutating func member(_ key: StaticString, _ value: JSONText?) {
        if let value { member(key, value) }
    }

    package mutating func null() { literal("null") }
    package mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }

    package mutating func integer(_ value: Int64) { digits(of: value.magnitude, isNegative: value < 0) }
    package mutating func integer(_ value: UInt64) { digits(of: value, isNegative: false) }

    package mutating func string(_ value: String) {
        var value = value
        value.withUTF8 { utf8 in
            reserve(utf8.count + 3)
            separate()
            unsafe putQuoted(UnsafeRawBufferPointer(utf8))
        }
        needsComma = true
    }

    /// Room for the text and two quotation marks has been reserved; escapes reserve theirs.
    private mutating func putQuoted(_ utf8: UnsafeRawBufferPointer) {
        put(UInt8(ascii: "\""))
        var start = 0
        while true {
            start += unsafe putClean(UnsafeRawBufferPointer(rebasing: utf8[start...]))
            if start == utf8.count { break }
            reserve(utf8.count - start + 7)
            unsafe putEscape(of: utf8[start])
            start += 1
        }
        put(UInt8(ascii: "\""))
    }

    /// Copies up to the first byte that must be escaped, eight bytes at a time: nearly all text has none.
    /// - Returns: how many bytes were put.
    private mutating func putClean(_ utf8: UnsafeRawBufferPointer) -> Int {
        guard let source = utf8.baseAddress, let base = unsafe buffer.baseAddress else { return 0 }
        let target = unsafe base + count
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var index = 0
        while index + 8 <= utf8.count {
            let word = unsafe source.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            unsafe target.storeBytes(of: word, toByteOffset: index, as: UInt64.self)
            let quote = word ^ ones &* 0x22
            let backslash = word ^ ones &* 0x5C
            let special = (word &- ones &* 0x20) & ~word | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash
            if special & highs != 0 { break }
            index += 8
        }
        while index < utf8.count {
            let byte = unsafe source.load(fromByteOffset: index, as: UInt8.self)
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            unsafe target.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
            index += 1
        }
        count += index
        return index
    }

    private mutating func putEscape(of byte: UInt8) {
        put(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): put(byte)
        case UInt8(ascii: "\n"): put(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): put(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): put(UInt8(ascii: "t"))
        default:
            put(UInt8(ascii: "u"))
            put(UInt8(ascii: "0"))
            put(UInt8(ascii: "0"))
            put(byte < 16 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
            put(byte & 15 < 10 ? UInt8(ascii: "0") + byte & 15 : UInt8(ascii: "a") + byte & 15 - 10)
        }
    }

    private mutating func digits(of magnitude: UInt64, isNegative: Bool) {
        reserve(22)
        separate()
        if isNegative { put(UInt8(ascii: "-")) }
        var length = 1
        var rest = magnitude / 10
        while rest > 0 {
            length += 1
            rest /= 10
        }
        rest = magnitude
        for place in stride(from: count + length - 1, through: count, by: -1) {
            unsafe buffer[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += length
        needsComma = true
    }

    private mutating func literal(_ text: StaticString) {
        reserve(text.utf8CodeUnitCount + 1)
        separate()
        unsafe put(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        needsComma = true
    }

    private mutating func open(_ bracket: UInt8) {
        reserve(2)
        separate()
        put(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        reserve(1)
        put(bracket)
        needsComma = true
    }

    private mutating func putKey(_ key: StaticString) {
        put(UInt8(ascii: "\""))
        unsafe put(UnsafeRawBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
        put(UInt8(ascii: "\""))
        put(UInt8(ascii: ":"))
    }

    private mutating func separate() {
        if needsComma { put(UInt8(ascii: ",")) }
    }

    /// Room for `additional` more bytes; what follows puts no more than that.
    @inline(__always)
    private mutating func reserve(_ additional: Int) {
        if unsafe count + additional > buffer.count { grow(by: additional) }
    }

    private mutating func grow(by additional: Int) {
        let larger = unsafe UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(buffer.count * 2, count + additional), alignment: 8)
        unsafe larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        unsafe buffer.deallocate()
        unsafe buffer = unsafe larger
    }

    @inline(__always)
    private mutating func put(_ byte: UInt8) {
        unsafe buffer[count] = byte
        count += 1
    }

    @inline(__always)
    private mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, let target = unsafe buffer.baseAddress else { return }
        unsafe (target + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }
}
