/// The free cells of a double array under construction, as a doubly linked list in index order.
struct FreeCells {
    private static let none: Int32 = -1
    private static let taken: Int32 = -2

    /// Following free cell, ``none`` at the end, ``taken`` for a cell in use.
    private var following: [Int32] = []
    private var preceding: [Int32] = []
    private var head = none
    private var tail = none

    var first: Int32? { head == Self.none ? nil : head }

    /// Cells beyond the end are free: the array grows when they are reserved.
    func contains(_ index: Int32) -> Bool {
        Int(index) >= following.count || following[Int(index)] != Self.taken
    }

    func next(after index: Int32) -> Int32? {
        let next = following[Int(index)]
        return next == Self.none ? nil : next
    }

    mutating func extend(to count: Int) {
        for index in Int32(following.count)..<Int32(count) {
            following.append(Self.none)
            preceding.append(tail)
            if tail == Self.none { head = index } else { following[Int(tail)] = index }
            tail = index
        }
    }

    mutating func take(_ index: Int32) {
        let next = following[Int(index)]
        let previous = preceding[Int(index)]
        if previous == Self.none { head = next } else { following[Int(previous)] = next }
        if next == Self.none { tail = previous } else { preceding[Int(next)] = previous }
        following[Int(index)] = Self.taken
    }
}
