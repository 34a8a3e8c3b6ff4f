import JSON

/// One value of a message's body with the way to it, as people read it: `title`, `item[2].content.url`.
package struct BodyField: Sendable, Equatable, Encodable {
    package var name: String
    /// The text, or the number or boolean as written.
    package var value: String
}

extension BodyField {
    /// All values of a message's body in the platform's order, those of kinds and members we do not know too; of records
    /// inside records as deep as ``ContentReader/maximumDepth``.
    ///
    /// - Parameter raw: the message as the platform gave it.
    /// - Returns: nothing for a message without a body; a body that is no object under its own name.
    package static func all(of raw: [UInt8]) -> [BodyField] {
        let parser = JSONParser()
        // What is no JSON has no body either.
        guard let root = try? parser.parseMending(raw).root, let type = root["msgtype"]?.text else { return [] }
        var fields: [BodyField] = []
        if let kind = MessageKind.named(type), let body = kind.body(in: root) {
            let beside = !kind.bodies.contains { root[$0]?.kind == .object }
            for (key, value) in body.members where !beside || kind.members.contains(where: { key.isString($0.key) }) {
                add(value, key.string ?? "", depth: 0, to: &fields)
            }
        } else {
            for (key, value) in root.members where key.text == type || key.isString("info") {
                add(value, value.kind == .object ? "" : key.string ?? "", depth: 0, to: &fields)
            }
        }
        return fields
    }

    private static func add(_ value: JSONValue, _ name: String, depth: Int, to fields: inout [BodyField]) {
        guard depth <= 2 * ContentReader.maximumDepth else { return }
        switch value.kind {
        case .object:
            let isItem = value["type"] != nil
            for (key, member) in value.members {
                let key = key.string ?? ""
                let path = name.isEmpty ? key : "\(name).\(key)"
                if isItem, key == "content", add(contentOf: member, path, depth: depth, to: &fields) { continue }
                add(member, path, depth: depth + 1, to: &fields)
            }
        case .array:
            for (index, element) in value.elements.enumerated() {
                add(element, "\(name)[\(index)]", depth: depth + 1, to: &fields)
            }
        case .string: fields.append(BodyField(name: name, value: value.string ?? ""))
        case .number: fields.append(BodyField(name: name, value: value.literal ?? ""))
        case .bool: fields.append(BodyField(name: name, value: value.bool == true ? "true" : "false"))
        case .null: break
        }
    }

    /// The content of an item is mostly a document inside a string; what is none is shown as it is.
    private static func add(
        contentOf value: JSONValue, _ name: String, depth: Int, to fields: inout [BodyField]
    ) -> Bool {
        let parser = JSONParser()
        guard value.kind == .string, let document = try? parser.parseMending(contentOf: value).root,
            document.kind == .object || document.kind == .array
        else { return false }
        add(document, name, depth: depth + 1, to: &fields)
        return true
    }
}
