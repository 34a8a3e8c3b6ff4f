/// Text put together from pieces in memory that is kept for the next text.
///
/// One thread at a time. Its ``text`` is valid until the buffer changes.
@safe package final class JSONTextBuffer {
    private var memory: UnsafeMutableBufferPointer<UInt8>
    private var used = 0

    package init(capacity: Int = 1024) {
        unsafe memory = .allocate(capacity: max(capacity, 16))
    }

    deinit { unsafe memory.deallocate() }

    package var isEmpty: Bool { used == 0 }

    package var text: JSONText {
        unsafe JSONText(start: UnsafePointer(memory.baseAddress ?? Self.nowhere), count: used)
    }

    package func removeAll() { used = 0 }

    package func append(_ text: JSONText) {
        reserve(text.count)
        unsafe text.withBytes { bytes in
            unsafe UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(memory)[used...])
                .copyMemory(from: bytes)
        }
        used += text.count
    }

    package func append(_ literal: StaticString) { append(JSONText(literal)) }

    package func append(_ string: String) {
        var string = string
        string.withUTF8 { utf8 in
            if let base = utf8.baseAddress { unsafe append(JSONText(start: base, count: utf8.count)) }
        }
    }

    /// Appends in lower case.
    package func append(lowercased text: JSONText) {
        reserve(text.count)
        for index in 0..<text.count {
            let byte = text[index]
            // Beyond ASCII the length may change: rare, so let the standard library do it.
            if byte >= 0x80 { return append(text.dropFirst(index).string.lowercased()) }
            let isUpper = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
            unsafe memory[used] = isUpper ? byte | 0x20 : byte
            used += 1
        }
    }

    private func reserve(_ additional: Int) {
        guard unsafe used + additional > memory.count else { return }
        let capacity = unsafe max(memory.count * 2, used + additional)
        let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: capacity)
        unsafe UnsafeMutableRawBufferPointer(larger).copyMemory(
            from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(memory)[..<used]))
        unsafe memory.deallocate()
        unsafe memory = unsafe larger
    }

    private static var nowhere: UnsafeMutablePointer<UInt8> { preconditionFailure("a buffer has memory") }
}
