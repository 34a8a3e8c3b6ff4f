/// How large a configuration may be.
enum ValueSize {
    /// Counted before compression, so what is allowed always fits: compressed it is smaller still.
    static let maximumBytes = 8 << 20
}
