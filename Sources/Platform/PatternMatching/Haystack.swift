/// A text to be searched, in 32-bit units (Unicode scalars, for us), in memory that is used again for the next text.
///
/// One task at a time, hence not checked for exclusive access. After the first long text, filling it allocates nothing.
package final class Haystack {
    /// Stands behind the text, so that the matcher may read a whole head at every position. In no pattern.
    static let padding: UInt32 = 0x1f_ffff
    private static let paddingCount = 2

    @exclusivity(unchecked) package private(set) var count = 0
    @exclusivity(unchecked) private var memory = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: 256)
    /// Positions that passed the last filter.
    @exclusivity(unchecked) private var candidateMemory = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: 256)

    package init() {}

    deinit {
        memory.deallocate()
        candidateMemory.deallocate()
    }

    package var units: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(rebasing: memory[..<count]) }

    package var capacity: Int { memory.count - Self.paddingCount }

    package subscript(index: Int) -> UInt32 { memory[index] }

    /// Room for at least `capacity` units, not initialized; what was in it may be lost. ``finish(count:)`` ends it.
    package func prepare(capacity: Int) -> UnsafeMutablePointer<UInt32> {
        reserve(capacity, keeping: 0)
        return memory.baseAddress.unsafelyUnwrapped
    }

    /// More room, with the first `keeping` units in place.
    package func grow(capacity: Int, keeping: Int) -> UnsafeMutablePointer<UInt32> {
        reserve(capacity, keeping: keeping)
        return memory.baseAddress.unsafelyUnwrapped
    }

    /// The text is the first `count` units written since ``prepare(capacity:)``.
    package func finish(count: Int) {
        self.count = count
        for index in count..<count + Self.paddingCount { memory[index] = Self.padding }
    }

    /// Replaces the text.
    package func assign(_ units: some Collection<UInt32>) {
        let target = prepare(capacity: units.count)
        for (index, unit) in units.enumerated() { target[index] = unit }
        finish(count: units.count)
    }

    var candidates: UnsafeMutablePointer<UInt32> { candidateMemory.baseAddress.unsafelyUnwrapped }

    private func reserve(_ capacity: Int, keeping: Int) {
        let needed = capacity + Self.paddingCount
        guard needed > memory.count else { return }
        let larger = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: max(needed, memory.count * 2))
        for index in 0..<keeping { larger[index] = memory[index] }
        memory.deallocate()
        memory = larger
        candidateMemory.deallocate()
        candidateMemory = .allocate(capacity: larger.count)
    }
}
