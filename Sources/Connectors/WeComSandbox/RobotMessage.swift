import Foundation

/// A group robot's message, judged as the platform judges it.
enum RobotMessage {
    struct Accepted: Equatable {
        var type: String
        var content: String
    }

    enum Verdict: Equatable {
        case accepted(Accepted)
        case refused(errcode: Int, type: String?)
    }

    /// Bytes of UTF-8 that the content of a kind may have.
    private static let limits = ["text": 2048, "markdown": 4096, "markdown_v2": 4096]
    /// Kinds that are taken in without a look inside.
    private static let opaque: Set<String> = ["image", "news", "file", "voice", "template_card"]

    static func judge(_ body: [UInt8]) -> Verdict {
        // Whatever is no JSON object is a bad parameter, whichever way it fails to parse.
        guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] else {
            return .refused(errcode: 40035, type: nil)
        }
        guard let type = object["msgtype"] as? String else { return .refused(errcode: 40008, type: nil) }
        guard let part = object[type] as? [String: Any] else {
            let known = limits[type] != nil || opaque.contains(type)
            return .refused(errcode: known ? 40035 : 40008, type: type)
        }
        if opaque.contains(type) { return .accepted(Accepted(type: type, content: "")) }
        guard let limit = limits[type] else { return .refused(errcode: 40008, type: type) }
        guard let content = part["content"] as? String, !content.isEmpty else {
            return .refused(errcode: 44004, type: type)
        }
        guard content.utf8.count <= limit else { return .refused(errcode: 45002, type: type) }
        return .accepted(Accepted(type: type, content: content))
    }

    /// Alerts named in a text: by their number, or by the links to their pages.
    static func alertIDs(in content: String) -> [String] {
        var found: [String] = []
        for match in content.matches(of: #/(?:/alerts/|编号：)([^\s?）)\]]+)/#) {
            let id = String(match.1).removingPercentEncoding ?? String(match.1)
            if !found.contains(id) { found.append(id) }
        }
        return found
    }
}
