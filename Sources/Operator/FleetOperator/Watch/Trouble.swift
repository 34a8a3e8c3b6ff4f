/// One thing that keeps alerts from their readers.
package struct Trouble: Sendable, Equatable, Encodable {
    /// The same for as long as it is the same trouble, as `alert-notifier.lag`.
    package var id: String
    /// For the people who are told, in Chinese. Names no customer.
    package var text: String

    package init(id: String, text: String) {
        self.id = id
        self.text = text
    }
}

/// What is to be told of troubles.
package struct WatchNews: Sendable, Equatable, Encodable {
    package enum Kind: String, Sendable, Encodable {
        case began
        /// It has lasted long: told again.
        case lasts
        case ended
    }

    package var kind: Kind
    package var trouble: Trouble

    package init(kind: Kind, trouble: Trouble) {
        self.kind = kind
        self.trouble = trouble
    }

    /// One line of a message.
    package var text: String {
        switch kind {
        case .began: "【故障】\(trouble.text)"
        case .lasts: "【仍未恢复】\(trouble.text)"
        case .ended: "【已恢复】\(trouble.text)"
        }
    }
}
