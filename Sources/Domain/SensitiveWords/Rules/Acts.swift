import Contracts

extension ChatMessage {
    /// Sending the message is one of these acts.
    func isAct(of acts: Set<RulesConfiguration.Act>) -> Bool {
        switch messageType {
        case "card": acts.contains(.card)
        case "redpacket", "external_redpacket": acts.contains(.redPacket)
        case "file", "qydiskfile", "voip_doc_share": fileEnding.map { acts.contains(.file($0)) } ?? false
        default: false
        }
    }

    /// Its kind is that of an act; there may be nothing written in it.
    var mayBeAct: Bool {
        ["card", "redpacket", "external_redpacket", "file", "qydiskfile", "voip_doc_share"].contains(messageType)
    }

    /// `apk` of 「报价.APK」; a file's text is its name.
    private var fileEnding: String? {
        guard let name = text?.drop(while: \.isWhitespace), let dot = name.lastIndex(of: ".") else { return nil }
        return name[name.index(after: dot)...].prefix { !$0.isWhitespace }.lowercased()
    }
}
