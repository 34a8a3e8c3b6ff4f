/// What was odd about a message that is archived all the same.
package struct MessageFlags: OptionSet, Sendable, Hashable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// A known kind whose body is missing or has the wrong shape.
    package static let bodyInvalid = MessageFlags(rawValue: 1)
    /// `msgtime` is missing, no number, before 2016 or after 2099.
    package static let timeSuspect = MessageFlags(rawValue: 2)
    /// `tolist` is missing or empty.
    package static let noRecipients = MessageFlags(rawValue: 4)
    /// The bytes had to be mended to be read: invalid UTF-8, control characters, lone surrogates or U+0000.
    package static let textRepaired = MessageFlags(rawValue: 8)
    /// An item inside a mixed message or a forwarded record cannot be read; the others are.
    package static let itemInvalid = MessageFlags(rawValue: 16)
    /// A forwarded record is deeper or longer than is read for its text.
    package static let itemsSkipped = MessageFlags(rawValue: 32)
    /// `seq` is no number or larger than a signed 64-bit integer.
    package static let sequenceSuspect = MessageFlags(rawValue: 64)

    /// The flags as the archive's table spells them.
    package var names: [String] {
        isEmpty ? [] : Self.all.compactMap { contains($0.flag) ? $0.name : nil }
    }

    private static let all: [(flag: MessageFlags, name: String)] = [
        (.bodyInvalid, "body_invalid"), (.timeSuspect, "time_suspect"), (.noRecipients, "no_recipients"),
        (.textRepaired, "text_repaired"), (.itemInvalid, "item_invalid"), (.itemsSkipped, "items_skipped"),
        (.sequenceSuspect, "seq_suspect"),
    ]
}
