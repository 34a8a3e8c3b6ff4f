package import Contracts
import Foundation

/// The file behind `scrm corps apply`: which corps the fleet serves, their robots, webhooks and app, and whom alerts go to.
package enum CorpsFile: ConfigurationFile {
    package static let kind = CorpsConfiguration.kind
    package static let topic = Topics.corps
    package static let users = [Schema.archive, .alerting, .campaigns]

    package static func key(of value: CorpsConfiguration) -> String { "*/\(kind)" }

    package static func summary(_ value: CorpsConfiguration) -> String {
        let robots = value.corps.reduce(0) { $0 + $1.robots.count }
        let webhooks = value.corps.reduce(0) { $0 + $1.webhooks.count }
        return "corps: \(value.corps.count), robots: \(robots), webhooks: \(webhooks)"
    }

    package static func read(_ text: String, corpID: String?) throws(FileFaults) -> CorpsConfiguration {
        let root = try FileNode(parsing: text)
        var faults: [FileFault] = []
        guard let file = FileMapping(root, allowed: ["corps"], faults: &faults) else { throw FileFaults(faults) }
        let nodes = file.list("corps", faults: &faults)
        if nodes.isEmpty { faults.append(file.fault("corps", "must name at least one corp")) }
        var seen: Set<String> = []
        let corps = nodes.compactMap { corp($0, seen: &seen, faults: &faults) }
        guard faults.isEmpty else { throw FileFaults(faults) }
        return CorpsConfiguration(corps: corps)
    }

    package static func changes(from old: CorpsConfiguration?, to new: CorpsConfiguration) -> [String] {
        SetDifference.lines(
            "corp", from: old?.corps ?? [], to: new.corps, id: \.id, title: { "\($0.id) \($0.name)" },
            detail: { before, after in
                SetDifference.field("name", before.name, after.name)
                    + SetDifference.lines(
                        "robot", from: before.robots, to: after.robots, id: \.id, title: \.id,
                        detail: { _, _ in ["key"] })
                    + SetDifference.lines(
                        "webhook", from: before.webhooks, to: after.webhooks, id: \.id, title: \.id,
                        detail: { SetDifference.field("url", $0.url, $1.url) })
                    + (before.contactSecret == after.contactSecret ? [] : ["contact_secret"])
                    + channelChanges(before, after)
            })
    }

    private static func corp(
        _ node: FileNode, seen: inout Set<String>, faults: inout [FileFault]
    ) -> CorpsConfiguration.Corp? {
        let allowed = [
            "id", "name", "robots", "webhooks", "contact_secret", "app", "routes", "quiet", "fallback_robots",
        ]
        guard let corp = FileMapping(node, allowed: allowed, faults: &faults) else { return nil }
        let id = corp.text("id", faults: &faults)
        if !id.isEmpty, !isCorpID(id) {
            faults.append(corp.fault("id", "is not a WeCom corp id (`ww` followed by letters and digits)"))
        }
        if !id.isEmpty, !seen.insert(id).inserted { faults.append(corp.fault("id", "\(id) is given twice")) }

        var channels: Set<String> = []
        var robots: [CorpsConfiguration.Robot] = []
        for item in corp.list("robots", faults: &faults) {
            guard let robot = FileMapping(item, allowed: ["id", "key"], faults: &faults) else { continue }
            robots.append(
                .init(
                    id: channelID(robot, seen: &channels, faults: &faults),
                    key: reference("key", of: robot, faults: &faults)))
        }
        var webhooks: [CorpsConfiguration.Webhook] = []
        for item in corp.list("webhooks", faults: &faults) {
            guard let webhook = FileMapping(item, allowed: ["id", "url", "secret"], faults: &faults) else { continue }
            webhooks.append(
                .init(
                    id: channelID(webhook, seen: &channels, faults: &faults), url: url(webhook, faults: &faults),
                    secret: reference("secret", of: webhook, faults: &faults)))
        }
        let contact = corp.node("contact_secret").map { _ in reference("contact_secret", of: corp, faults: &faults) }
        return .init(
            id: id, name: corp.text("name", faults: &faults), robots: robots, webhooks: webhooks,
            contactSecret: contact, app: app(corp, faults: &faults),
            routes: routes(corp, robots: robots.map(\.id), webhooks: webhooks.map(\.id), faults: &faults),
            quiet: quiet(corp, faults: &faults),
            fallbackRobots: fallbackRobots(corp, robots: robots.map(\.id), faults: &faults))
    }

    private static func isCorpID(_ text: String) -> Bool {
        text.hasPrefix("ww") && (3...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                $0 < 0x80 && Character(Unicode.Scalar($0)).isLetter || (0x30...0x39).contains($0)
            }
    }

    private static func channelID(_ mapping: FileMapping, seen: inout Set<String>, faults: inout [FileFault]) -> String
    {
        let id = mapping.text("id", faults: &faults)
        if !id.isEmpty, !seen.insert(id).inserted {
            faults.append(mapping.fault("id", "\(id) names another robot or webhook of this corp already"))
        }
        return id
    }

    /// Secrets never enter a topic: only where they are. The text itself is not repeated, it may be the secret.
    static func reference(_ key: String, of mapping: FileMapping, faults: inout [FileFault]) -> String {
        let text = mapping.text(key, faults: &faults)
        guard !text.isEmpty else { return "" }
        for prefix in ["env:", "file:"] where text.hasPrefix(prefix) {
            if text.count > prefix.count { return text }
            faults.append(mapping.fault(key, "says \(prefix) but not which one"))
            return ""
        }
        faults.append(
            mapping.fault(
                key, "must say where the secret is, env:NAME or file:PATH; a secret itself must not be written here"))
        return ""
    }

    private static func url(_ mapping: FileMapping, faults: inout [FileFault]) -> String {
        let text = mapping.text("url", faults: &faults)
        guard !text.isEmpty else { return "" }
        guard let url = URLComponents(string: text), ["http", "https"].contains(url.scheme), url.host?.isEmpty == false
        else {
            faults.append(mapping.fault("url", "must be an http or https address"))
            return ""
        }
        if url.password != nil { faults.append(mapping.fault("url", "must not contain a password")) }
        return text
    }
}
