/// For each index a few elements, all in one row: an array of arrays costs an allocation for each of a hundred thousand
/// words.
struct GroupedArray<Element: Sendable>: Sendable {
    private let elements: [Element]
    private let ends: [UInt32]

    init(_ groups: [[Element]]) {
        var ends: [UInt32] = []
        ends.reserveCapacity(groups.count)
        var elements: [Element] = []
        elements.reserveCapacity(groups.reduce(0) { $0 + $1.count })
        for group in groups {
            elements += group
            ends.append(UInt32(elements.count))
        }
        self.elements = elements
        self.ends = ends
    }

    var isEmpty: Bool { ends.isEmpty }

    subscript(index: Int) -> ArraySlice<Element> {
        elements[(index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])]
    }
}
