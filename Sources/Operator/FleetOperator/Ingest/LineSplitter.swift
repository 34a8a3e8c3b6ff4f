/// Cuts a stream of bytes into lines. Holds at most one line, and no more of it than the limit.
package struct LineSplitter {
    package struct Line: Sendable, Equatable {
        /// Counted from 1, blank lines included.
        package var number: Int
        /// Without line feed and carriage return; `nil` when longer than the limit.
        package var bytes: [UInt8]?
    }

    private let maximumBytes: Int
    private var number = 0
    private var rest: [UInt8] = []
    private var isTooLong = false

    package init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    /// Calls `body` for each line that ends in this chunk.
    package mutating func feed(_ chunk: [UInt8], _ body: (Line) -> Void) {
        var start = 0
        chunk.withUnsafeBufferPointer { chunk in
            while start < chunk.count, let end = chunk[start...].firstIndex(of: UInt8(ascii: "\n")) {
                take(chunk[start..<end])
                emit(body)
                start = end + 1
            }
            take(chunk[start...])
        }
    }

    /// Calls `body` for what follows the last line feed, if anything does.
    package mutating func finish(_ body: (Line) -> Void) {
        if !rest.isEmpty || isTooLong { emit(body) }
    }

    private mutating func take(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) {
        // One byte more for a carriage return that is not part of the line.
        guard !isTooLong, rest.count + bytes.count <= maximumBytes + 1 else {
            isTooLong = true
            rest = []
            return
        }
        rest += bytes
    }

    private mutating func emit(_ body: (Line) -> Void) {
        number += 1
        if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
        let fits = !isTooLong && rest.count <= maximumBytes
        body(Line(number: number, bytes: fits ? rest : nil))
        rest = []
        isTooLong = false
    }
}
