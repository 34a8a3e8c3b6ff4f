package import Contracts

/// A line of the conversation around a hit, as people read it.
package struct SpokenLine: Codable, Sendable, Equatable {
    /// 客户, 机器人, or the employee's name.
    package var speaker: String
    package var text: String

    package init(speaker: String, text: String) {
        self.speaker = speaker
        self.text = text
    }

    /// The line whole, numbers unmasked: for the page behind the signed link.
    package init(_ line: ContextLine, directory: Directory?) {
        speaker =
            switch line.sender.kind {
            case .employee: directory?.employee(line.sender.id)?.name ?? line.sender.id
            case .customer: "客户"
            case .robot: "机器人"
            }
        text = line.text.flatMap { $0.isEmpty ? nil : $0 } ?? "［\(Self.kind(line.messageType))］"
    }

    /// For a push: at most `limit` characters, without full numbers.
    package func brief(limit: Int) -> SpokenLine {
        let masked = Masking.digits(in: text)
        return SpokenLine(speaker: speaker, text: masked.count > limit ? masked.prefix(limit - 1) + "…" : masked)
    }

    private static func kind(_ messageType: String) -> String {
        switch messageType {
        case "image": "图片"
        case "voice": "语音"
        case "video": "视频"
        case "emotion": "表情"
        case "card": "名片"
        case "file": "文件"
        case "redpacket", "external_redpacket": "红包"
        case "location": "位置"
        case "meeting_voice_call", "voiptext": "通话"
        default: "非文字消息"
        }
    }
}
