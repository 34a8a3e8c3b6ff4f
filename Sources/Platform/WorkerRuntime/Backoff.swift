/// Pauses between attempts: doubling up to a ceiling, each drawn from the upper half so that many workers don't come
/// back at the same moment.
struct Backoff {
    private var next: Duration
    private let longest: Duration

    init(_ range: ClosedRange<Duration>) {
        next = range.lowerBound
        longest = range.upperBound
    }

    mutating func pause(random: UInt64) -> Duration {
        let full = next
        next = min(full * 2, longest)
        return full / 2 + full / 2 * (Double(random >> 11) / Double(1 << 53))
    }
}
