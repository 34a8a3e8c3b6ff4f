/// How much of a conversation goes with an alert.
package struct ContextLimits: Sendable, Equatable {
    /// Lines before a hit, and as many after it.
    package var lines: Int
    /// Lines sent longer before or after the hit have nothing to do with it; conversations that are silent for so long
    /// are forgotten.
    package var age: Duration

    /// Watches kept of one conversation; a flood of hits drops the oldest.
    static let maximumWatches = 32

    package init(lines: Int = 5, age: Duration = .seconds(2 * 3_600)) {
        self.lines = lines
        self.age = age
    }
}
