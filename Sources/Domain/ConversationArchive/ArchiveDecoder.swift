import Contracts
import JSON

/// Reads records of `chat.raw.v1`: one decrypted WeCom message as the platform gives it, plus `seq` and `corp_id`.
///
/// Pure, and no bytes make it trap. Keeps its parsers' buffers between calls; one thread at a time.
package final class ArchiveDecoder {
    /// Ids longer than this are no ids: they would not fit into an index.
    package static let maximumIDBytes = 256

    private let parser = JSONParser()
    private let reader = ContentReader()

    package init() {}

    /// - Parameters:
    ///   - bytes: the record's value.
    ///   - headerCorpID: the record's `corp-id` header, for producers that leave the message as it was.
    ///   - directory: one snapshot of corps and employees.
    /// - Throws: only for the envelope's faults; whatever is wrong with a body is a flag.
    package func decode(
        _ bytes: [UInt8], headerCorpID: String? = nil, directory: ArchiveDirectory
    ) throws(ArchiveFault) -> ArchiveRecord {
        let document: JSONDocument
        do {
            document = try parser.parseMending(bytes)
        } catch {
            throw ArchiveFault(.malformedJSON, error.description)
        }
        let root = document.root
        guard root.kind == .object else { throw ArchiveFault(.malformedJSON, "not an object") }
        guard let messageID = root.identifier("msgid") else { throw ArchiveFault(.noMessageID, "`msgid` is missing") }
        try Self.checkLength(messageID, "msgid")
        guard let corpID = root.identifier("corp_id") ?? headerCorpID else {
            throw ArchiveFault(.unknownCorp, "`corp_id` is missing")
        }
        guard directory.corps.contains(corpID) else {
            throw ArchiveFault(.unknownCorp, "`corp_id` is none of the configured corps")
        }
        guard let action = root.identifier("action") else {
            throw ArchiveFault(.unknownAction, "`action` is missing")
        }
        switch action {
        case "send", "recall":
            let repaired = !document.repairs.isDisjoint(with: .changedText)
            return .message(
                try message(
                    root, corpID: corpID, messageID: messageID, action: action, flags: repaired ? .textRepaired : [],
                    directory: directory))
        case "switch":
            return .companySwitch(try companySwitch(root, corpID: corpID, messageID: messageID))
        default:
            throw ArchiveFault(.unknownAction, "`action` is none of send, recall, switch")
        }
    }

    private func message(
        _ root: JSONValue, corpID: String, messageID: String, action: String, flags initial: MessageFlags,
        directory: ArchiveDirectory
    ) throws(ArchiveFault) -> ArchivedMessage {
        var flags = initial
        guard let from = root.identifier("from") else { throw ArchiveFault(.badEnvelope, "`from` is missing") }
        guard let type = root.identifier("msgtype") else { throw ArchiveFault(.badEnvelope, "`msgtype` is missing") }
        let roomID = root.identifier("roomid")
        try Self.checkLength(from, "from")
        try Self.checkLength(roomID ?? "", "roomid")

        let sender = directory.party(from, corpID: corpID)
        let recipients = root["tolist"]?.identifiers { directory.party($0, corpID: corpID) } ?? []
        if recipients.isEmpty { flags.insert(.noRecipients) }

        let sentAt = root["msgtime"]?.lenientInteger.flatMap(FilingTime.milliseconds)
        if sentAt == nil { flags.insert(.timeSuspect) }
        let timeInID = FilingTime.milliseconds(inMessageID: messageID)

        var message = ChatMessage(
            corpID: corpID, messageID: messageID, filedAt: timeInID ?? sentAt, sentAt: sentAt,
            sequence: Self.sequence(of: root, &flags), action: action, messageType: type,
            conversation: Conversation(messageID: messageID, roomID: roomID, sender: sender, recipients: recipients),
            sender: sender, recipients: recipients, text: nil)
        var consent: ConsentChange?
        if action == "recall" {
            guard let target = root["revoke"]?.identifier("pre_msgid") else {
                throw ArchiveFault(.badRecall, "`revoke.pre_msgid` is missing")
            }
            try Self.checkLength(target, "revoke.pre_msgid")
            message.recalledMessageID = target
        } else {
            consent = readBody(of: root, into: &message, &flags, roomID: roomID)
        }
        return ArchivedMessage(
            message: message, roomID: roomID, isFiledByID: timeInID != nil, flags: flags, consent: consent)
    }

    /// Fills in the text. Kinds we do not know have none.
    private func readBody(
        of root: JSONValue, into message: inout ChatMessage, _ flags: inout MessageFlags, roomID: String?
    ) -> ConsentChange? {
        guard let kind = MessageKind.named(message.messageType) else { return nil }
        guard let body = ContentReader.body(of: kind, in: root) else {
            flags.insert(.bodyInvalid)
            return nil
        }
        let content = reader.read(kind, body: body)
        flags.formUnion(content.flags)
        message.forwarded = kind.isForward
        switch message.messageType {
        case "text":
            let split = content.text.map(QuotedReply.split)
            message.text = split?.own
            message.quotedText = split?.quoted
        case "agree", "disagree":
            return Self.consent(body, message, roomID: roomID)
        default:
            message.text = content.text
        }
        return nil
    }

    private static func consent(_ body: JSONValue, _ message: ChatMessage, roomID: String?) -> ConsentChange? {
        let customerID = body.identifier("userid") ?? message.sender.id
        guard customerID.utf8.count <= maximumIDBytes else { return nil }
        let time = body["agree_time"]?.lenientInteger ?? body["disagree_time"]?.lenientInteger
        let employees = message.recipients.filter { $0.kind == .employee }
        return ConsentChange(
            customerID: customerID, employeeID: roomID == nil && employees.count == 1 ? employees[0].id : nil,
            agreed: message.messageType == "agree", changedAt: time.flatMap(FilingTime.milliseconds) ?? message.sentAt)
    }

    private func companySwitch(
        _ root: JSONValue, corpID: String, messageID: String
    ) throws(ArchiveFault) -> CompanySwitch {
        guard let userID = root.identifier("user") else { throw ArchiveFault(.badEnvelope, "`user` is missing") }
        try Self.checkLength(userID, "user")
        return CompanySwitch(
            corpID: corpID, messageID: messageID, userID: userID,
            switchedAt: root["time"]?.lenientInteger.flatMap(FilingTime.milliseconds))
    }

    private static func sequence(of root: JSONValue, _ flags: inout MessageFlags) -> UInt64? {
        guard let value = root["seq"], !value.isNull else { return nil }
        let sequence = (value.literal ?? value.string).flatMap { UInt64($0) }
        if (sequence ?? .max) > UInt64(Int64.max) { flags.insert(.sequenceSuspect) }
        return sequence
    }

    private static func checkLength(_ id: String, _ member: StaticString) throws(ArchiveFault) {
        if id.utf8.count > maximumIDBytes {
            throw ArchiveFault(.badEnvelope, "`\(member)` is longer than \(maximumIDBytes) bytes")
        }
    }
}
