/// Trivial values that never change once they are built, read without any check: the tables of the inner loops.
final class FrozenArray<Element: BitwiseCopyable>: @unchecked Sendable {
    // Unchecked, because the memory is written in `init` only and freed by `deinit`, after the last reader.
    let base: UnsafePointer<Element>
    let count: Int

    init(_ elements: [Element]) {
        let memory = UnsafeMutableBufferPointer<Element>.allocate(capacity: max(elements.count, 1))
        _ = memory.initialize(from: elements)
        base = UnsafePointer(memory.baseAddress.unsafelyUnwrapped)
        count = elements.count
    }

    deinit { base.deallocate() }

    var byteCount: Int { count * MemoryLayout<Element>.stride }
}
