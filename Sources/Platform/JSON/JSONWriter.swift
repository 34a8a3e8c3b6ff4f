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

    /// What was written so far.
    package var bytes: [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: count) { array, initialized in
            unsafe UnsafeMutableRawBufferPointer(array).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            initialized = count
        }
    }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// - Parameter key: plain ASCII without quotes and backslashes.
    package mutating func key(_ key: StaticString) {
        reserve(key.utf8CodeUnitCount + 4)
        separate()
        put(UInt8(ascii: "\""))
        unsafe put(UnsafeRawBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
        put(UInt8(ascii: "\""))
        put(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func null() { literal("null") }
    package mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }

    package mutating func integer(_ value: some FixedWidthInteger) {
        if let small = Int64(exactly: value) {
            digits(of: small.magnitude, isNegative: small < 0)
        } else {
            digits(of: UInt64(clamping: value), isNegative: false)
        }
    }

    package mutating func string(_ value: String) {
        var value = value
        value.withUTF8 { utf8 in
            reserve(2)
            separate()
            put(UInt8(ascii: "\""))
            unsafe putEscaped(UnsafeRawBufferPointer(utf8))
            put(UInt8(ascii: "\""))
        }
        needsComma = true
    }

    private mutating func putEscaped(_ utf8: UnsafeRawBufferPointer) {
        var start = 0
        while true {
            // The rest as it is, one escape and the closing quote.
            reserve(utf8.count - start + 7)
            let end = unsafe Self.firstToEscape(in: utf8, from: start)
            unsafe put(UnsafeRawBufferPointer(rebasing: utf8[start..<end]))
            if end == utf8.count { return }
            unsafe putEscape(of: utf8[end])
            start = end + 1
        }
    }

    /// Looks at eight bytes at a time: nearly all text needs no escape.
    private static func firstToEscape(in utf8: UnsafeRawBufferPointer, from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        func hasZero(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highs }
        var index = start
        while index + 8 <= utf8.count {
            let word = unsafe utf8.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let control = (word &- ones &* 0x20) & ~word & highs
            if control | hasZero(word ^ ones &* 0x22) | hasZero(word ^ ones &* 0x5C) != 0 { break }
            index += 8
        }
        while index < utf8.count {
            let byte = unsafe utf8[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return index }
            index += 1
        }
        return utf8.count
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
