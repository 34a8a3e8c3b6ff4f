/// Memory for trivial values that is used again for text after text.
///
/// Not checked for exclusive access, which would cost more than what is done with it: it has one owner, and that one is
/// used by one task at a time.
final class ScratchBuffer<Element: BitwiseCopyable> {
    @exclusivity(unchecked) private(set) var base: UnsafeMutablePointer<Element>
    @exclusivity(unchecked) private(set) var capacity: Int

    init() {
        capacity = 256
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    /// Room for `capacity` values, the first `keeping` of them as they were.
    func reserve(_ capacity: Int, keeping: Int = 0) {
        guard capacity > self.capacity else { return }
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: max(capacity, self.capacity * 2))
        larger.update(from: base, count: keeping)
        base.deallocate()
        base = larger
        self.capacity = max(capacity, self.capacity * 2)
    }
}
