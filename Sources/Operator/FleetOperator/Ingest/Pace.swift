/// How long to wait so that records go out at a given rate. Pure.
package struct Pace: Sendable, Equatable {
    /// Records a second; `nil` for as fast as possible.
    package var rate: Int?

    package init(rate: Int?) { self.rate = rate }

    /// Records that go out together: about twenty portions a second, so that the rate is even.
    package var portion: Int {
        guard let rate else { return 2000 }
        return min(2000, max(1, rate / 20))
    }

    /// How long to wait before more may be sent.
    package func delay(sent: Int, elapsed: Duration) -> Duration {
        guard let rate else { return .zero }
        let due = Duration.seconds(Double(sent) / Double(rate))
        return due > elapsed ? due - elapsed : .zero
    }
}
