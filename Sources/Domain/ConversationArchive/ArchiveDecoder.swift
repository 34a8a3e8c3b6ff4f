import Contracts
import JSON

/// Reads records of `chat.raw.v1`: one decrypted WeCom message as the platform gives it, plus `seq` and `corp_id`.
///
/// Pure, and no bytes make it trap. Keeps its parsers' buffers between calls, and what it answers stands in them; one
/// thread at a time.
package final class ArchiveDecoder {
    /// Ids longer than this are no ids: they would not fit into an index.
    package static let maximumIDBytes = 256

    private let parser = JSONParser()
    private let content = ContentReader()
    private let conversations = ConversationReader()
    private var envelope = EnvelopeReader()
    private var recipients: [PartyText] = []
    /// Nearly always the same: no need to copy its id for each message.
    private var corpID = ""

    package init() {}

    /// - Parameters:
    ///   - bytes: the record's value.
    ///   - headerCorpID: the record's `corp-id` header, for producers that leave the message as it was. Only asked for
    ///     when the message has no `corp_id`.
    ///   - directory: one snapshot of corps and employees.
    /// - Returns: What the record says; a message's texts are valid until the next call.
    /// - Throws: only for the envelope's faults; whatever is wrong with a body is a flag.
    package func decode(
        _ bytes: [UInt8], headerCorpID: @autoclosure () -> String? = nil, directory: ArchiveDirectory
    ) throws(ArchiveFault) -> ArchiveRecord {
        let document: JSONDocument
        do {
            document = try parser.parseMending(bytes)
        } catch {
            throw ArchiveFault(.malformedJSON, error.description)
        }
        let root = document.root
        guard root.kind == .object else { throw ArchiveFault(.malformedJSON, "not an object") }
        envelope.read(root)
        guard let messageID = envelope.identifier(.messageID) else {
            throw ArchiveFault(.noMessageID, "`msgid` is missing")
        }
        try Self.checkLength(messageID, "msgid")
        try readCorpID(headerCorpID(), directory)
        guard let action = envelope.identifier(.action) else {
            throw ArchiveFault(.unknownAction, "`action` is missing")
        }
        let flags: MessageFlags = document.repairs.isDisjoint(with: .changedText) ? [] : .textRepaired
        if action == "send" {
            return .message(try message(root, messageID, .send, flags, directory))
        } else if action == "recall" {
            return .message(try message(root, messageID, .recall, flags, directory))
        } else if action == "switch" {
            return .companySwitch(try companySwitch(messageID))
        }
        throw ArchiveFault(.unknownAction, "`action` is none of send, recall, switch")
    }

    private func readCorpID(
        _ headerCorpID: @autoclosure () -> String?, _ directory: ArchiveDirectory
    ) throws(ArchiveFault) {
        if let found = envelope.identifier(.corpID) {
            if !(found == corpID) { corpID = found.string }
        } else if let header = headerCorpID() {
            corpID = header
        } else {
            throw ArchiveFault(.unknownCorp, "`corp_id` is missing")
        }
        guard directory.corps.contains(corpID) else {
            throw ArchiveFault(.unknownCorp, "`corp_id` is none of the configured corps")
        }
    }

    private func message(
        _ root: JSONValue, _ messageID: JSONText, _ action: ArchivedMessage.Action, _ repairs: MessageFlags,
        _ directory: ArchiveDirectory
    ) throws(ArchiveFault) -> ArchivedMessage {
        var flags = repairs
        guard let from = envelope.identifier(.from) else { throw ArchiveFault(.badEnvelope, "`from` is missing") }
        guard let type = envelope.identifier(.type) else { throw ArchiveFault(.badEnvelope, "`msgtype` is missing") }
        let roomID = envelope.identifier(.roomID)
        try Self.checkLength(from, "from")
        if let roomID { try Self.checkLength(roomID, "roomid") }

        let sender = directory.party(from, corpID: corpID)
        recipients.removeAll(keepingCapacity: true)
        envelope[.to]?.forEachIdentifier { recipients.append(directory.party($0, corpID: corpID)) }
        if recipients.isEmpty { flags.insert(.noRecipients) }

        let sentAt = envelope.identifier(.time)?.lenientInteger.flatMap(FilingTime.milliseconds)
        if sentAt == nil { flags.insert(.timeSuspect) }
        let timeInID = FilingTime.milliseconds(inMessageID: messageID)
        let sequence = readSequence(&flags)
        var message = ArchivedMessage(
            corpID: corpID, messageID: messageID, filedAt: timeInID ?? sentAt, isFiledByID: timeInID != nil,
            sentAt: sentAt, sequence: sequence, action: action, messageType: type, roomID: roomID,
            conversation: conversations.conversation(
                messageID: messageID, roomID: roomID, sender: sender, recipients: recipients),
            sender: sender, recipients: recipients, forwarded: false, flags: flags, media: [])
        if action == .recall {
            guard let target = root["revoke"]?["pre_msgid"]?.identifier else {
                throw ArchiveFault(.badRecall, "`revoke.pre_msgid` is missing")
            }
            try Self.checkLength(target, "revoke.pre_msgid")
            message.recalledMessageID = target
        } else {
            readBody(of: root, into: &message)
        }
        return message
    }

    /// Fills in words and files. Of kinds we do not know there are only files.
    private func readBody(of root: JSONValue, into message: inout ArchivedMessage) {
        guard let kind = MessageKind.named(message.messageType) else {
            message.media = content.readUnknown(message.messageType, in: root)
            return
        }
        guard let body = kind.body(in: root) else {
            message.flags.insert(.bodyInvalid)
            return
        }
        content.read(kind, body: body)
        message.flags.formUnion(content.flags)
        message.forwarded = kind.isForward
        message.media = content.media
        message.text = content.text
        message.quotedText = content.quotedText
        if kind.isConsent { message.consent = consent(body, message) }
    }

    private func consent(_ body: JSONValue, _ message: ArchivedMessage) -> ConsentText? {
        let customerID = body["userid"]?.identifier ?? message.sender.id
        guard customerID.count <= Self.maximumIDBytes else { return nil }
        let time = body["agree_time"]?.lenientInteger ?? body["disagree_time"]?.lenientInteger
        let employees = message.recipients.filter { $0.kind == .employee }
        let isPair = message.roomID == nil && employees.count == 1
        return ConsentText(
            customerID: customerID, employeeID: isPair ? employees[0].id : nil,
            agreed: message.messageType == "agree", changedAt: time.flatMap(FilingTime.milliseconds) ?? message.sentAt)
    }

    private func companySwitch(_ messageID: JSONText) throws(ArchiveFault) -> CompanySwitch {
        guard let userID = envelope.identifier(.user) else { throw ArchiveFault(.badEnvelope, "`user` is missing") }
        try Self.checkLength(userID, "user")
        var flags: MessageFlags = []
        return CompanySwitch(
            corpID: corpID, messageID: messageID.string, userID: userID.string,
            switchedAt: envelope.identifier(.switchTime)?.lenientInteger.flatMap(FilingTime.milliseconds),
            sequence: readSequence(&flags))
    }

    private func readSequence(_ flags: inout MessageFlags) -> UInt64? {
        guard let digits = envelope.identifier(.sequence) else {
            if let value = envelope[.sequence], !value.isNull { flags.insert(.sequenceSuspect) }
            return nil
        }
        if let sequence = digits.int64, sequence >= 0 { return UInt64(sequence) }
        flags.insert(.sequenceSuspect)
        return UInt64(digits.string)
    }

    private static func checkLength(_ id: JSONText, _ member: StaticString) throws(ArchiveFault) {
        if id.count > maximumIDBytes {
            throw ArchiveFault(.badEnvelope, "`\(member)` is longer than \(maximumIDBytes) bytes")
        }
    }
}
