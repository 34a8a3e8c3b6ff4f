import JSON

/// Where a kind of message keeps its body, what is in it, and which of its words are text that keyword workers may read.
///
/// A class, though a value by nature: it is looked up for each message, and copying its arrays would cost more than the
/// look-up.
final class MessageKind: Sendable {
    /// The platform's `msgtype`.
    let name: StaticString
    /// Keys of the envelope under which the body may stand, the usual one first.
    let bodies: [StaticString]
    /// The members may also stand beside the envelope's.
    let mayBeFlat: Bool
    /// Without it the body is not what it should be.
    let required: StaticString?
    /// In the order in which their words are read.
    let members: [Member]
    /// Has an `sdkfileid`.
    let hasFile: Bool
    /// The words may begin with a quotation.
    let mayQuote: Bool

    struct Member: Sendable {
        let key: StaticString
        let shape: Shape
    }

    /// What a member holds. Numbers may come as strings and ids as numbers; an absent member and `null` are the same.
    enum Shape: Sendable {
        /// Text that keyword workers may read.
        case words
        /// Text for the record only: ids, addresses, names of people.
        case text
        case number
        case flag
        /// Texts that keyword workers may read.
        case listOfWords
        case listOfTexts
        /// Objects with these members.
        case list([Member])
        /// Items that are messages themselves, each with a `type` and a `content`.
        case items
    }

    init(
        _ name: StaticString, bodies: [StaticString]? = nil, mayBeFlat: Bool = false, required: StaticString? = nil,
        hasFile: Bool = false, mayQuote: Bool = false, _ members: [(StaticString, Shape)] = []
    ) {
        self.name = name
        self.bodies = bodies ?? [name]
        self.mayBeFlat = mayBeFlat
        self.required = required
        self.hasFile = hasFile
        self.mayQuote = mayQuote
        self.members = members.map { Member(key: $0.0, shape: $0.1) }
    }

    /// The words are other people's, passed on.
    var isForward: Bool { JSONText(name) == "chatrecord" }

    /// A customer's answer to the archive notice.
    var isConsent: Bool { JSONText(name) == "agree" || JSONText(name) == "disagree" }

    var hasItems: Bool {
        members.contains { if case .items = $0.shape { true } else { false } }
    }

    /// The body in a message's envelope; `nil` when it is missing or no object.
    func body(in envelope: JSONValue) -> JSONValue? {
        for key in bodies {
            if let body = envelope[key], body.kind == .object { return body }
        }
        if mayBeFlat, let required, envelope[required] != nil { return envelope }
        return nil
    }

    /// `nil` for kinds we do not know, which are archived all the same.
    static func named(_ msgtype: JSONText) -> MessageKind? { names.position(of: msgtype).map { all[$0] } }

    private static let names = JSONNames(all.map(\.name))
}
