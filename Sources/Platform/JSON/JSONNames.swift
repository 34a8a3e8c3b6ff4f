/// A fixed list of names that texts are looked up in by their bytes.
package final class JSONNames: Sendable {
    private let names: [StaticString]
    /// Open addressing: position of a name plus one, 0 for none.
    private let slots: [UInt8]

    /// - Parameter names: at most 255, each once.
    package init(_ names: [StaticString]) {
        precondition(names.count < 256)
        self.names = names
        var size = 64
        while size < names.count * 4 { size *= 2 }
        var slots = [UInt8](repeating: 0, count: size)
        for (position, name) in names.enumerated() {
            var slot = Self.slot(of: JSONText(name), size)
            while slots[slot] != 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = UInt8(position + 1)
        }
        self.slots = slots
    }

    package var count: Int { names.count }

    /// Where in the list the name is.
    package func position(of text: JSONText) -> Int? {
        guard !text.isEmpty else { return nil }
        var slot = Self.slot(of: text, slots.count)
        while slots[slot] != 0 {
            let position = Int(slots[slot]) - 1
            if text == JSONText(names[position]) { return position }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private static func slot(of text: JSONText, _ size: Int) -> Int {
        let spread = Int(text[0]) &* 5 &+ Int(text[text.count - 1]) &* 3 &+ text.count &* 7
        return (spread &+ Int(text[text.count / 2])) & (size - 1)
    }
}

/// The members of an object that are in a list of names, found in one pass over it. Kept for the next object.
package struct JSONFields {
    private let names: JSONNames
    private var object: JSONValue?
    /// Nodes of the values, by position in the list; 0, the document's root, for none.
    private var nodes: [UInt32]

    package init(_ names: JSONNames) {
        self.names = names
        nodes = [UInt32](repeating: 0, count: names.count)
    }

    /// Finds the members; of repeated ones the first. None are found in what is no object.
    package mutating func read(_ object: JSONValue) {
        self.object = object
        for position in nodes.indices { nodes[position] = 0 }
        object.forEachMember { key, value in
            if let position = names.position(of: key), nodes[position] == 0 { nodes[position] = value }
        }
    }

    /// The value of the member at this position of the list.
    package subscript(position: Int) -> JSONValue? {
        let node = nodes[position]
        return node == 0 ? nil : object?.sibling(node)
    }

    /// A string or number that is not empty: what an identifier is. Relays make numbers of some and strings of others.
    package func identifier(_ position: Int) -> JSONText? {
        let node = nodes[position]
        return node == 0 ? nil : object?.identifier(at: node)
    }
}
