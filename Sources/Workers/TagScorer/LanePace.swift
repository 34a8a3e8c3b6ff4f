import Synchronization

/// How far each lane has come, so that no timer fires while what would cancel it waits in the lag.
final class LanePace: Sendable {
    /// A lane that takes no batch for so long has none to take.
    static let quiet = Duration.seconds(3)
    /// A timer waits for the lag no longer than this.
    static let maximumWait: Int64 = 300_000

    private struct Place {
        /// Log time of the newest record applied, milliseconds UTC.
        var newest = Int64.min
        var heard = ContinuousClock.now
    }

    private let places = Mutex<[Int32: Place]>([:])

    /// The lane was taken.
    func began(_ lane: Int32) { places.withLock { $0[lane] = Place() } }

    /// A batch is being applied.
    func passed(_ lane: Int32, newest: Int64?) {
        places.withLock { places in
            var place = places[lane] ?? Place()
            place.newest = max(place.newest, newest ?? .min)
            place.heard = .now
            places[lane] = place
        }
    }

    /// Timers due up to this moment may fire, milliseconds UTC.
    func ripe(_ lane: Int32, now: Int64) -> Int64 {
        places.withLock { places in
            guard let place = places[lane], ContinuousClock.now - place.heard < Self.quiet else { return now }
            return min(now, max(place.newest, now - Self.maximumWait))
        }
    }
}
