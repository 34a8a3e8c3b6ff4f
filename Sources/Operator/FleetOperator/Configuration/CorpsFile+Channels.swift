import Contracts

extension CorpsFile {
    static func app(_ corp: FileMapping, faults: inout [FileFault]) -> CorpsConfiguration.App? {
        guard let node = corp.node("app"),
            let app = FileMapping(
                node, allowed: ["agent_id", "secret", "callback_token", "callback_key"], faults: &faults)
        else { return nil }
        func optional(_ key: String) -> String? {
            app.node(key) == nil ? nil : reference(key, of: app, faults: &faults)
        }
        let (token, key) = (optional("callback_token"), optional("callback_key"))
        if (token == nil) != (key == nil) {
            faults.append(
                app.fault(
                    token == nil ? "callback_token" : "callback_key",
                    "is missing: a call-back has both callback_token and callback_key"))
        }
        return .init(
            agentID: app.requiredInteger("agent_id", faults: &faults),
            secret: reference("secret", of: app, faults: &faults), callbackToken: token, callbackKey: key)
    }

    /// - Returns: `nil` when the file says nothing about routes.
    static func routes(
        _ corp: FileMapping, robots: [String], webhooks: [String], faults: inout [FileFault]
    ) -> [CorpsConfiguration.Route]? {
        guard corp.node("routes") != nil else { return nil }
        return corp.list("routes", faults: &faults).compactMap { node in
            let allowed = [
                "rules", "severities", "side", "departments", "leader", "recipients", "robots", "webhooks",
            ]
            guard let route = FileMapping(node, allowed: allowed, faults: &faults) else { return nil }
            func known(_ key: String, _ names: [String]) -> [String] {
                let texts = route.texts(key, faults: &faults)
                for name in texts where !names.contains(name) {
                    let own = names.isEmpty ? "it has none" : names.joined(separator: ", ")
                    faults.append(route.fault(key, "\(name) is none of this corp's: \(own)"))
                }
                return texts
            }
            let read = CorpsConfiguration.Route(
                rules: route.node("rules") == nil ? nil : route.texts("rules", faults: &faults),
                severities: severities(route, faults: &faults),
                side: route.node("side") == nil ? nil : route.choice("side", default: .any, faults: &faults),
                departments: route.node("departments") == nil
                    ? nil : route.integers("departments", faults: &faults),
                leader: route.boolean("leader", default: false, faults: &faults),
                recipients: route.texts("recipients", faults: &faults), robots: known("robots", robots),
                webhooks: known("webhooks", webhooks))
            if !read.leader, read.recipients.isEmpty, read.robots.isEmpty, read.webhooks.isEmpty {
                faults.append(
                    route.fault("leader", "the route tells nobody: give leader, recipients, robots or webhooks"))
            }
            if read.leader || !read.recipients.isEmpty, corp.node("app") == nil {
                faults.append(route.fault("leader", "people are written to by the corp's app, and there is no app"))
            }
            return read
        }
    }

    private static func severities(_ route: FileMapping, faults: inout [FileFault]) -> [Severity]? {
        guard route.node("severities") != nil else { return nil }
        return route.texts("severities", faults: &faults).compactMap { text in
            let found = Severity.allCases.first { $0.title == text || String($0.rawValue) == text }
            if found == nil {
                faults.append(
                    route.fault(
                        "severities",
                        "\(text) is none of \(Severity.allCases.map(\.title).joined(separator: ", "))"))
            }
            return found
        }
    }

    /// `off`, or a night and a time of the daily summary; what is absent has its default.
    static func quiet(_ corp: FileMapping, faults: inout [FileFault]) -> CorpsConfiguration.Quiet? {
        guard let node = corp.node("quiet") else { return .standard }
        if node.boolean == false { return nil }
        guard let quiet = FileMapping(node, allowed: ["night", "summary"], faults: &faults) else { return nil }
        var result = CorpsConfiguration.Quiet.standard
        if let night = quiet.node("night") {
            result.night = nil
            if night.boolean != false {
                let parts = (night.text ?? "").split(separator: "-").map { TimeOfDay(String($0)) }
                if parts.count == 2, let from = parts[0], let until = parts[1], from != until {
                    result.night = .init(from: from, until: until)
                } else {
                    faults.append(quiet.fault("night", "must be two times, as 22:00-08:30, or off"))
                }
            }
        }
        if let summary = quiet.node("summary") {
            result.summaryAt = summary.boolean == false ? nil : TimeOfDay(summary.text ?? "")
            if result.summaryAt == nil, summary.boolean != false {
                faults.append(quiet.fault("summary", "must be a time, as 18:00, or off"))
            }
        }
        return result
    }

    static func fallbackRobots(
        _ corp: FileMapping, robots: [String], faults: inout [FileFault]
    ) -> [String]? {
        guard corp.node("fallback_robots") != nil else { return nil }
        let names = corp.texts("fallback_robots", faults: &faults)
        for name in names where !robots.contains(name) {
            faults.append(corp.fault("fallback_robots", "\(name) is no robot of this corp"))
        }
        return names
    }

    /// What changed beside robots and webhooks.
    static func channelChanges(_ old: CorpsConfiguration.Corp, _ new: CorpsConfiguration.Corp) -> [String] {
        SetDifference.field("app", text(old.app), text(new.app))
            + (old.app != nil && new.app != nil && old.app != new.app && text(old.app) == text(new.app)
                ? ["app: where its secrets are"] : [])
            + SetDifference.field("routes", text(old.routes), text(new.routes))
            + (old.routes != new.routes && text(old.routes) == text(new.routes) ? ["routes changed"] : [])
            + SetDifference.field("quiet", text(old.quiet), text(new.quiet))
            + SetDifference.field(
                "fallback robots", (old.fallbackRobots ?? []).joined(separator: " "),
                (new.fallbackRobots ?? []).joined(separator: " "))
    }

    private static func text(_ app: CorpsConfiguration.App?) -> String {
        app.map { "\($0.agentID)\($0.hasCallback ? " with buttons" : "")" } ?? "none"
    }

    private static func text(_ routes: [CorpsConfiguration.Route]?) -> String {
        routes.map { "\($0.count)" } ?? "to the leader"
    }

    private static func text(_ quiet: CorpsConfiguration.Quiet?) -> String {
        guard let quiet else { return "off" }
        return "night \(quiet.night.map { "\($0.from)-\($0.until)" } ?? "off"), "
            + "summary \(quiet.summaryAt.map(\.description) ?? "off")"
    }
}
