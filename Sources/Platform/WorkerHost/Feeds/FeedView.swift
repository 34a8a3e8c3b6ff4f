import Synchronization

/// A value made from what feeds have in force; made anew only after one of them has changed.
package final class FeedView<Value: Sendable>: Sendable {
    private let feeds: [any AnyConfigurationFeed]
    private let make: @Sendable () -> Value
    private let made = Mutex<(generation: Int, value: Value)?>(nil)

    /// - Parameters:
    ///   - feeds: all that `make` looks at.
    ///   - make: pure but for the feeds.
    package init(of feeds: [any AnyConfigurationFeed], _ make: @escaping @Sendable () -> Value) {
        self.feeds = feeds
        self.make = make
    }

    /// Never older than what is in force now. Cheap enough to be asked for each record.
    package var current: Value {
        // Read first: a change after this is found the next time.
        let generation = feeds.reduce(0) { $0 + $1.generation }
        return made.withLock { made in
            if let made, made.generation == generation { return made.value }
            let value = make()
            made = (generation, value)
            return value
        }
    }
}
