/// Which troubles people know of. Pure: looks go in, news come out, and what was told is said back.
///
/// A trouble is told once it was seen in two looks in a row, again after a while, and when it is over. What could not be
/// told comes out again at the next look.
package struct WatchState: Sendable {
    private struct Entry {
        var trouble: Trouble
        var looks: Int
        var isThere: Bool
        /// When people were last told; `nil` for never.
        var toldAt: Int64?
    }

    private let looksBeforeTelling: Int
    private let repeatMilliseconds: Int64
    private var entries: [String: Entry] = [:]

    /// - Parameters:
    ///   - looksBeforeTelling: how often in a row it must be seen.
    ///   - repeatAfter: pause before a trouble that lasts is told again.
    package init(looksBeforeTelling: Int = 2, repeatAfter: Duration = .seconds(3_600)) {
        self.looksBeforeTelling = max(looksBeforeTelling, 1)
        repeatMilliseconds = Int64(repeatAfter / .milliseconds(1))
    }

    /// Takes a look's troubles. - Returns: what has to be told now, in the order of ids.
    package mutating func take(_ troubles: [Trouble], at now: Int64) -> [WatchNews] {
        let present = Dictionary(troubles.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for (id, trouble) in present {
            let known = entries[id]
            entries[id] = Entry(
                trouble: trouble, looks: (known?.looks ?? 0) + 1, isThere: true, toldAt: known?.toldAt)
        }
        for (id, entry) in entries where present[id] == nil {
            // Nobody heard of it, so nobody needs to hear of its end.
            entries[id] =
                entry.toldAt == nil
                ? nil
                : Entry(
                    trouble: entry.trouble, looks: 0, isThere: false, toldAt: entry.toldAt)
        }
        return entries.sorted { $0.key < $1.key }.compactMap { _, entry in
            guard entry.isThere else { return WatchNews(kind: .ended, trouble: entry.trouble) }
            guard let toldAt = entry.toldAt else {
                return entry.looks >= looksBeforeTelling ? WatchNews(kind: .began, trouble: entry.trouble) : nil
            }
            return now - toldAt >= repeatMilliseconds ? WatchNews(kind: .lasts, trouble: entry.trouble) : nil
        }
    }

    /// These were told.
    package mutating func told(_ news: [WatchNews], at now: Int64) {
        for item in news {
            switch item.kind {
            case .ended: entries[item.trouble.id] = nil
            case .began, .lasts: entries[item.trouble.id]?.toldAt = now
            }
        }
    }
}
