import JSON

/// Reads the words of a message's body: those of every kind, also inside mixed messages and forwarded records.
///
/// Forwarded records are JSON inside strings inside JSON; a parser for each depth is kept. One thread at a time.
final class ContentReader {
    /// How deep records inside records are read.
    static let maximumDepth = 8
    /// How many items of one message are read, over all depths.
    static let maximumItems = 200

    /// What was found.
    struct Content {
        var parts: [String] = []
        var flags: MessageFlags = []
        fileprivate var remainingItems = ContentReader.maximumItems

        /// One part a line; `nil` when there are no words.
        var text: String? {
            switch parts.count {
            case 0: nil
            case 1: parts[0]
            default: parts.joined(separator: "\n")
            }
        }
    }

    private var parsers: [JSONParser] = []

    /// The body of a message of this kind; `nil` when it is missing or no object.
    static func body(of kind: MessageKind, in envelope: JSONValue) -> JSONValue? {
        for key in kind.bodies {
            if let body = envelope[key], body.kind == .object { return body }
        }
        if kind.mayBeFlat, let required = kind.required, envelope[required] != nil { return envelope }
        return nil
    }

    func read(_ kind: MessageKind, body: JSONValue) -> Content {
        var content = Content()
        read(kind, body, depth: 0, into: &content, invalid: .bodyInvalid)
        return content
    }

    private func read(
        _ kind: MessageKind, _ body: JSONValue, depth: Int, into content: inout Content, invalid: MessageFlags
    ) {
        if let required = kind.required, body[required]?.isNull != false { content.flags.insert(invalid) }
        append(kind.fields, of: body, to: &content, invalid: invalid)
        if let list = kind.list, let elements = array(list.key, in: body, &content, invalid) {
            for element in elements {
                if list.fields.isEmpty {
                    append(element, to: &content, invalid: .itemInvalid)
                } else if element.kind == .object {
                    append(list.fields, of: element, to: &content, invalid: .itemInvalid)
                } else {
                    content.flags.insert(.itemInvalid)
                }
            }
        }
        if let key = kind.items, let elements = array(key, in: body, &content, invalid) {
            readItems(elements, depth: depth, into: &content)
        }
    }

    private func readItems(_ elements: JSONElements, depth: Int, into content: inout Content) {
        for element in elements {
            guard content.remainingItems > 0, depth < Self.maximumDepth else {
                content.flags.insert(.itemsSkipped)
                return
            }
            content.remainingItems -= 1
            guard let type = element["type"]?.string, let inner = element["content"] else {
                content.flags.insert(.itemInvalid)
                continue
            }
            guard let kind = MessageKind.ofItem(type) else { continue }
            guard let body = document(inner, depth: depth, into: &content) else {
                content.flags.insert(.itemInvalid)
                continue
            }
            if body.kind == .object {
                read(kind, body, depth: depth + 1, into: &content, invalid: .itemInvalid)
            } else if body.kind == .array, kind.items != nil {
                readItems(body.elements, depth: depth + 1, into: &content)
            } else {
                content.flags.insert(.itemInvalid)
            }
        }
    }

    /// The content of an item: a document inside a string, or, from some relays, the object itself.
    private func document(_ value: JSONValue, depth: Int, into content: inout Content) -> JSONValue? {
        guard value.kind == .string else { return value }
        while parsers.count <= depth { parsers.append(JSONParser()) }
        do {
            let document = try parsers[depth].parseMending(contentOf: value)
            if !document.repairs.isDisjoint(with: .changedText) { content.flags.insert(.textRepaired) }
            return document.root
        } catch {
            return nil  // the caller flags the item; the message is archived without its words
        }
    }

    private func array(
        _ key: StaticString, in body: JSONValue, _ content: inout Content, _ invalid: MessageFlags
    ) -> JSONElements? {
        guard let array = body[key], !array.isNull else { return nil }
        guard array.kind == .array else {
            content.flags.insert(invalid)
            return nil
        }
        return array.elements
    }

    private func append(
        _ fields: [StaticString], of body: JSONValue, to content: inout Content, invalid: MessageFlags
    ) {
        for field in fields {
            guard let value = body[field], !value.isNull else { continue }
            append(value, to: &content, invalid: invalid)
        }
    }

    private func append(_ value: JSONValue, to content: inout Content, invalid: MessageFlags) {
        guard let text = value.string ?? value.literal else {
            content.flags.insert(invalid)
            return
        }
        if !text.isEmpty { content.parts.append(text) }
    }
}
