import Foundation

/// An app's message to one person, judged as the platform judges it, and as the person would read it.
struct AppCall {
    var user: String
    var type: String
    var taskID: String?
    /// For a terminal.
    var content = ""
    /// 0 when the message is in order.
    var refusal = 0

    /// - Returns: `nil` for what is no JSON object with a receiver.
    init?(_ body: [UInt8]) {
        guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
            let user = object["touser"] as? String, !user.isEmpty, let type = object["msgtype"] as? String
        else { return nil }
        self.user = user
        self.type = type
        if object["agentid"] as? Int == nil { refusal = 40056 }
        switch (type, object[type] as? [String: Any]) {
        case ("textcard", let card?): readTextCard(card)
        case ("template_card", let card?): readTemplateCard(card)
        default: refusal = 40008
        }
    }

    private mutating func readTextCard(_ card: [String: Any]) {
        let title = card["title"] as? String ?? ""
        let description = card["description"] as? String ?? ""
        let url = card["url"] as? String ?? ""
        if title.isEmpty || description.isEmpty || url.isEmpty { refusal = 40058 }
        if title.utf8.count > 128 || description.utf8.count > 512 || url.utf8.count > 2048 { refusal = 45002 }
        let lines = description.replacing(#/<\/div>\s*/#, with: "\n").replacing(#/<[^>]*>/#, with: "")
        content = "\(title)\n\(lines)［\(card["btntxt"] as? String ?? "详情")］\(url)"
    }

    private mutating func readTemplateCard(_ card: [String: Any]) {
        let title = card["main_title"] as? [String: Any] ?? [:]
        let fields = card["horizontal_content_list"] as? [[String: Any]] ?? []
        let buttons = card["button_list"] as? [[String: Any]] ?? []
        let action = card["card_action"] as? [String: Any] ?? [:]
        taskID = card["task_id"] as? String
        let isTaskID = taskID.map { (1...128).contains($0.utf8.count) && $0.allSatisfy(Self.isTaskCharacter) } ?? false
        if !isTaskID { refusal = 42014 }
        if card["card_type"] as? String != "button_interaction" || buttons.isEmpty || buttons.count > 6
            || fields.count > 6 || action["url"] as? String == nil
        {
            refusal = 40058
        }
        if buttons.contains(where: { ($0["key"] as? String).map { $0.utf8.count > 1024 } ?? true }) { refusal = 42015 }
        var lines = ["\(title["title"] as? String ?? "")  \(title["desc"] as? String ?? "")"]
        lines.append("  \(card["sub_title_text"] as? String ?? "")")
        for field in fields {
            lines.append(
                "  \(field["keyname"] as? String ?? "")：\(field["value"] as? String ?? "")"
                    + ((field["url"] as? String).map { " \($0)" } ?? ""))
        }
        lines.append("  " + buttons.map { "［\($0["text"] as? String ?? "")］" }.joined(separator: " "))
        content = lines.joined(separator: "\n")
    }

    private static func isTaskCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "_@-".contains(character))
    }
}
