/// A growable contiguous byte buffer with value semantics, big-endian as PostgreSQL's wire is.
///
/// Written for the encoders' inner loops: one uniqueness and capacity test per write, no intermediate arrays.
@safe struct ByteWriter: Sendable {
    private(set) var count = 0
    private var storage: Storage

    /// Owns the memory of one or more equal `ByteWriter`s.
    ///
    /// Sendable although mutable: only a `ByteWriter` that is the unique owner writes to it.
    @safe private final class Storage: @unchecked Sendable {
        let base: UnsafeMutableRawPointer
        let capacity: Int

        init(capacity: Int) {
            self.capacity = capacity
            unsafe base = .allocate(byteCount: max(capacity, 1), alignment: 8)
        }

        deinit { unsafe base.deallocate() }
    }

    init(capacity: Int = 256) {
        storage = Storage(capacity: capacity)
    }

    /// Makes room for `extra` bytes in memory nobody else sees.
    private mutating func prepare(_ extra: Int) {
        let needed = count + extra
        if isKnownUniquelyReferenced(&storage), needed <= storage.capacity { return }
        let larger = Storage(
            capacity: needed <= storage.capacity ? storage.capacity : max(needed, storage.capacity * 2))
        unsafe larger.base.copyMemory(from: storage.base, byteCount: count)
        storage = larger
    }

    mutating func write(_ value: some FixedWidthInteger) {
        let size = value.bitWidth / 8
        prepare(size)
        unsafe storage.base.storeBytes(of: value.bigEndian, toByteOffset: count, as: type(of: value))
        count += size
    }

    /// A length and an integer at once: the most frequent kind of field.
    mutating func writeField(_ value: some FixedWidthInteger) {
        let size = value.bitWidth / 8
        prepare(4 + size)
        unsafe storage.base.storeBytes(of: Int32(size).bigEndian, toByteOffset: count, as: Int32.self)
        unsafe storage.base.storeBytes(of: value.bigEndian, toByteOffset: count + 4, as: type(of: value))
        count += 4 + size
    }

    /// A length and bytes at once.
    mutating func writeField(_ bytes: UnsafeRawBufferPointer) {
        prepare(4 + bytes.count)
        unsafe storage.base.storeBytes(
            of: Int32(truncatingIfNeeded: bytes.count).bigEndian, toByteOffset: count, as: Int32.self)
        if let source = bytes.baseAddress {
            unsafe (storage.base + count + 4).copyMemory(from: source, byteCount: bytes.count)
        }
        count += 4 + bytes.count
    }

    mutating func write(bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        prepare(bytes.count)
        unsafe (storage.base + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    /// Replaces four bytes written before.
    mutating func overwrite(_ value: Int32, at offset: Int) {
        precondition(offset >= 0 && offset + 4 <= count)
        prepare(0)
        unsafe storage.base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Int32.self)
    }

    mutating func truncate(to newCount: Int) {
        precondition(newCount >= 0 && newCount <= count)
        count = newCount
    }

    func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(start: storage.base, count: count))
    }
}
