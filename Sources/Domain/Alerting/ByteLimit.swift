extension String {
    /// The longest beginning of at most `limit` bytes of UTF-8 that ends between two characters.
    ///
    /// A string that does not fit ends in `…`, which counts. A limit below three bytes gives an empty string for it.
    package func cut(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        let room = limit - 3
        guard room >= 0 else { return "" }
        var used = 0
        var end = startIndex
        while end < endIndex {
            let next = index(after: end)
            let size = utf8.distance(from: end, to: next)
            guard used + size <= room else { break }
            used += size
            end = next
        }
        return self[..<end] + "…"
    }

    /// The longest end of at most `limit` bytes of UTF-8 that begins between two characters; begins with `…`, which
    /// counts, when it is not the whole.
    package func cut(toLastBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        let room = limit - 3
        guard room >= 0 else { return "" }
        var used = 0
        var start = endIndex
        while start > startIndex {
            let previous = index(before: start)
            let size = utf8.distance(from: previous, to: start)
            guard used + size <= room else { break }
            used += size
            start = previous
        }
        return "…" + self[start...]
    }
}
