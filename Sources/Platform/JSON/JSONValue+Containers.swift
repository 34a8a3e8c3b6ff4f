import CSimdjson

extension JSONValue {
    /// Number of elements of an array or members of an object; 0 for anything else.
    package var count: Int {
        let node = node
        return node.kind == CSIMDJSON_ARRAY.rawValue || node.kind == CSIMDJSON_OBJECT.rawValue ? Int(node.length) : 0
    }

    /// The first member with this key; `nil` when there is none, or the value is no object.
    package subscript(key: StaticString) -> JSONValue? {
        let object = node
        guard object.kind == CSIMDJSON_OBJECT.rawValue, let nodes = unsafe parser.document.nodes,
            let bytes = unsafe parser.document.bytes
        else { return nil }
        let length = UInt32(truncatingIfNeeded: key.utf8CodeUnitCount)
        var next = index + 1
        while next < object.next {
            let member = unsafe nodes[Int(next)]
            let value = next + 1
            if unsafe member.length == length && isEqual(bytes + Int(member.text), key) { return sibling(value) }
            next = unsafe nodes[Int(value)].next
        }
        return nil
    }

    /// Calls `body` with the key and the node of the value of each member, in document order; never for anything but an
    /// object.
    func forEachMember(_ body: (JSONText, UInt32) -> Void) {
        let object = node
        guard object.kind == CSIMDJSON_OBJECT.rawValue, let nodes = unsafe parser.document.nodes,
            let bytes = unsafe parser.document.bytes
        else { return }
        var next = index + 1
        while next < object.next {
            let member = unsafe nodes[Int(next)]
            let value = next + 1
            unsafe body(JSONText(start: bytes + Int(member.text), count: Int(member.length)), value)
            next = unsafe nodes[Int(value)].next
        }
    }

    /// The elements of an array; empty for anything else.
    package var elements: JSONElements {
        let node = node
        let isArray = node.kind == CSIMDJSON_ARRAY.rawValue
        return JSONElements(upcoming: sibling(index + 1), end: isArray ? node.next : index + 1)
    }

    /// The members of an object in document order, repeated keys included; empty for anything else.
    package var members: JSONMembers {
        let node = node
        let isObject = node.kind == CSIMDJSON_OBJECT.rawValue
        return JSONMembers(upcoming: sibling(index + 1), end: isObject ? node.next : index + 1)
    }
}

/// The elements of an array.
package struct JSONElements: Sequence, IteratorProtocol {
    fileprivate var upcoming: JSONValue
    fileprivate let end: UInt32

    package mutating func next() -> JSONValue? {
        guard upcoming.index < end else { return nil }
        let current = upcoming
        upcoming = current.sibling(current.node.next)
        return current
    }
}

/// The members of an object.
package struct JSONMembers: Sequence, IteratorProtocol {
    fileprivate var upcoming: JSONValue
    fileprivate let end: UInt32

    package mutating func next() -> (key: JSONValue, value: JSONValue)? {
        guard upcoming.index < end else { return nil }
        let key = upcoming
        let value = key.sibling(key.index + 1)
        upcoming = key.sibling(value.node.next)
        return (key, value)
    }
}
