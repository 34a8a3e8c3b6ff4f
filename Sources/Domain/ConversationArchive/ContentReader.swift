import JSON

/// Reads the words and files of a message's body: those of every kind, also inside mixed messages and forwarded records.
///
/// Forwarded records are JSON inside strings inside JSON; a parser for each depth is kept. One thread at a time; what was
/// found is valid until the next message.
final class ContentReader {
    /// How deep records inside records are read.
    static let maximumDepth = 8
    /// How many items of one message are read, over all depths.
    static let maximumItems = 200

    private(set) var flags: MessageFlags = []
    private(set) var media: [MediaReference] = []
    private let words = JSONTextBuffer(capacity: 4096)
    private let quoted = JSONTextBuffer()
    private let itemType = JSONTextBuffer(capacity: 64)
    private var remainingItems = 0
    private var parsers: [JSONParser] = []

    /// One part a line; `nil` when there are no words.
    var text: JSONText? { words.isEmpty ? nil : words.text }
    var quotedText: JSONText? { quoted.isEmpty ? nil : quoted.text }

    func read(_ kind: MessageKind, body: JSONValue) {
        reset()
        read(kind, body, depth: 0, invalid: .bodyInvalid)
        if kind.mayQuote, QuotedReply.mayBegin(words.text) { splitQuotation() }
    }

    /// The files of a kind we do not know, as those we know carry them: they would be gone when we get to know it.
    func readUnknown(_ type: JSONText, in envelope: JSONValue) -> [MediaReference] {
        reset()
        for (key, value) in envelope.members where key.text == type || key.isString("info") {
            readFile(of: value, kind: type)
        }
        return media
    }

    private func reset() {
        flags = []
        if !media.isEmpty { media = [] }
        words.removeAll()
        quoted.removeAll()
        remainingItems = Self.maximumItems
    }

    private func splitQuotation() {
        let split = QuotedReply.split(words.text.string)
        words.removeAll()
        words.append(split.own)
        if let quotation = split.quoted { quoted.append(quotation) }
    }

    private func read(_ kind: MessageKind, _ body: JSONValue, depth: Int, invalid: MessageFlags) {
        if let required = kind.required, body[required]?.isNull != false { flags.insert(invalid) }
        read(kind.members, of: body, depth: depth, invalid: invalid)
        if kind.hasFile { readFile(of: body, kind: JSONText(kind.name)) }
    }

    private func read(_ members: [MessageKind.Member], of body: JSONValue, depth: Int, invalid: MessageFlags) {
        for member in members {
            guard let value = body[member.key], !value.isNull else { continue }
            if !read(value, as: member.shape, depth: depth) { flags.insert(invalid) }
        }
    }

    /// - Returns: whether the value has that shape.
    private func read(_ value: JSONValue, as shape: MessageKind.Shape, depth: Int) -> Bool {
        switch shape {
        case .words:
            return append(value)
        case .text:
            return value.kind == .string || value.kind == .number
        case .number:
            return value.kind == .number || value.text.map(Self.isNumberOrEmpty) ?? false
        case .flag:
            return value.bool != nil || value.kind == .number
        case .items:
            guard value.kind == .array else { return false }
            readItems(value.elements, depth: depth)
        case .listOfWords:
            guard value.kind == .array else { return false }
            for element in value.elements where !append(element) { flags.insert(.itemInvalid) }
        case .listOfTexts:
            guard value.kind == .array else { return false }
            for element in value.elements where element.kind != .string { flags.insert(.itemInvalid) }
        case .list(let members):
            guard value.kind == .array else { return false }
            for element in value.elements {
                if element.kind == .object {
                    read(members, of: element, depth: depth, invalid: .itemInvalid)
                } else {
                    flags.insert(.itemInvalid)
                }
            }
        }
        return true
    }

    private func readItems(_ elements: JSONElements, depth: Int) {
        for element in elements {
            guard remainingItems > 0, depth < Self.maximumDepth else {
                flags.insert(.itemsSkipped)
                return
            }
            remainingItems -= 1
            guard let type = element["type"]?.text, let inner = element["content"] else {
                flags.insert(.itemInvalid)
                continue
            }
            guard let kind = kind(ofItem: type) else {
                // Nothing is said about its shape: it is no fault if there is nothing to be read.
                if let body = document(inner, depth: depth) { readFile(of: body, kind: type) }
                continue
            }
            guard let body = document(inner, depth: depth) else {
                flags.insert(.itemInvalid)
                continue
            }
            if body.kind == .object {
                read(kind, body, depth: depth + 1, invalid: .itemInvalid)
            } else if body.kind == .array, kind.hasItems {
                readItems(body.elements, depth: depth + 1)
            } else {
                flags.insert(.itemInvalid)
            }
        }
    }

    /// Inside a mixed message `text`, inside a forwarded record `ChatRecordText` or `chatrecord`.
    private func kind(ofItem type: JSONText) -> MessageKind? {
        let prefix: StaticString = "ChatRecord"
        guard type.hasPrefix(prefix) else { return .named(type) }
        itemType.removeAll()
        itemType.append(lowercased: type.dropFirst(prefix.utf8CodeUnitCount))
        return .named(itemType.text)
    }

    /// The content of an item: a document inside a string, or, from some relays, the object itself.
    private func document(_ value: JSONValue, depth: Int) -> JSONValue? {
        guard value.kind == .string else { return value }
        while parsers.count <= depth { parsers.append(JSONParser()) }
        do {
            let document = try parsers[depth].parseMending(contentOf: value)
            if !document.repairs.isDisjoint(with: .changedText) { flags.insert(.textRepaired) }
            return document.root
        } catch {
            return nil  // the caller flags the item; the message is archived without its words
        }
    }

    private func readFile(of body: JSONValue, kind: JSONText) {
        guard let fileID = body["sdkfileid"]?.text, !fileID.isEmpty else { return }
        let size = body["filesize"] ?? body["voice_size"] ?? body["imagesize"]
        media.append(
            MediaReference(
                kind: kind.string, fileID: fileID.string, size: size?.lenientInteger.flatMap { $0 < 0 ? nil : $0 },
                md5: body["md5sum"]?.identifier?.string, name: body["filename"]?.identifier?.string))
    }

    private func append(_ value: JSONValue) -> Bool {
        guard let part = value.identifier else { return value.kind == .string }
        if !words.isEmpty { words.append("\n") }
        words.append(part)
        return true
    }

    private static func isNumberOrEmpty(_ text: JSONText) -> Bool {
        text.isEmpty || text.int64 != nil || Double(text.string) != nil
    }
}
