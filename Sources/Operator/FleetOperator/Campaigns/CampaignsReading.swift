import Campaigns
import Contracts

/// Reads the file of plans, and notes every fault of it.
struct CampaignsReading {
    var faults: [FileFault] = []

    mutating func configuration(_ root: FileNode, corpID option: String?) -> CampaignsConfiguration? {
        let keys = ["corp_id", "time_zone", "paused", "guards", "plans"]
        guard let file = FileMapping(root, allowed: keys, faults: &faults) else { return nil }
        let corpID = CampaignsFile.corpID(file, option: option, faults: &faults)
        let zone = file.node("time_zone") == nil ? "Asia/Shanghai" : file.text("time_zone", faults: &faults)
        if !BusinessCalendar.knows(timeZone: zone) {
            faults.append(file.fault("time_zone", "is no time zone, such as Asia/Shanghai"))
        }
        let guards = guards(file)
        if file.node("plans") == nil {
            faults.append(file.fault("plans", "is missing; write `plans: []` for a corp without plans"))
        }
        var seen: Set<String> = []
        let nodes = file.list("plans", faults: &faults)
        let plans = nodes.compactMap { plan($0, seen: &seen) }
        return CampaignsConfiguration(
            corpID: corpID, timeZone: zone, paused: file.boolean("paused", default: false, faults: &faults),
            guards: guards, plans: plans)
    }

    private mutating func guards(_ file: FileMapping) -> CampaignsConfiguration.Guards {
        let night = (from: TimeOfDay("21:00"), until: TimeOfDay("09:00"))
        var guards = CampaignsConfiguration.Guards(
            consent: .required, quietFrom: night.from ?? .midnight, quietUntil: night.until ?? .midnight)
        let keys = [
            "consent", "quiet_from", "quiet_until", "day_cap", "week_cap", "repeat_days", "complaint_days", "stop_tags",
            "opt_out_rules",
        ]
        guard let node = file.node("guards") else {
            faults.append(file.fault("guards", "is missing; it must say at least `consent: required` or `assumed`"))
            return guards
        }
        guard let mapping = FileMapping(node, allowed: keys, faults: &faults) else { return guards }
        if mapping.node("consent") == nil {
            faults.append(
                mapping.fault(
                    "consent", "is missing; `required` writes only to who gave it, `assumed` to who did not withdraw it"
                ))
        }
        guards.consent = mapping.choice("consent", default: .required, faults: &faults)
        guards.quietFrom = time("quiet_from", of: mapping) ?? guards.quietFrom
        guards.quietUntil = time("quiet_until", of: mapping) ?? guards.quietUntil
        guards.dayCap = number("day_cap", of: mapping, in: 1...100, default: guards.dayCap)
        guards.weekCap = number("week_cap", of: mapping, in: 1...700, default: guards.weekCap)
        guards.repeatDays = number("repeat_days", of: mapping, in: 0...365, default: guards.repeatDays)
        guards.complaintDays = number("complaint_days", of: mapping, in: 0...365, default: guards.complaintDays)
        guards.stopTags = mapping.texts("stop_tags", faults: &faults)
        guards.optOutRules = mapping.texts("opt_out_rules", faults: &faults)
        return guards
    }

    private mutating func plan(_ node: FileNode, seen: inout Set<String>) -> CampaignsConfiguration.Plan? {
        let keys = ["id", "name", "paused", "priority", "trigger", "day_one", "requires", "ends_on", "steps"]
        guard let plan = FileMapping(node, allowed: keys, faults: &faults) else { return nil }
        let id = id(of: plan, seen: &seen, what: "plan")
        var steps: [CampaignsConfiguration.Step] = []
        var stepIDs: Set<String> = []
        for item in plan.list("steps", faults: &faults) {
            if let step = step(item, seen: &stepIDs) { steps.append(step) }
        }
        if plan.node("steps")?.items?.isEmpty ?? true {
            faults.append(plan.fault("steps", "must have at least one step"))
        }
        var dayOne: CampaignsConfiguration.DayOne?
        if plan.node("day_one") != nil {
            dayOne = plan.choice("day_one", default: .anchorDay, faults: &faults)
        } else if steps.contains(where: { if case .day = $0.moment { true } else { false } }) {
            faults.append(
                plan.fault("day_one", "is missing; say whether day 1 of the steps is the anchor-day or the next-day"))
        }
        return .init(
            id: id, name: plan.text("name", faults: &faults),
            paused: plan.boolean("paused", default: false, faults: &faults),
            priority: number(
                "priority", of: plan, in: 0...100, default: CampaignsConfiguration.Plan.defaultPriority),
            trigger: trigger(plan), dayOne: dayOne, requires: plan.texts("requires", faults: &faults),
            endsOn: endsOn(plan), steps: steps)
    }

    private mutating func trigger(_ plan: FileMapping) -> CampaignsConfiguration.Condition {
        guard let node = plan.node("trigger") else {
            faults.append(plan.fault("trigger", "is missing; write {event: TYPE} or {tag_added: TAG}"))
            return .event("")
        }
        guard let trigger = condition(node) else { return .event("") }
        if case .tagRemoved = trigger {
            faults.append(FileFault(line: node.line, path: node.path, "must be {event: TYPE} or {tag_added: TAG}"))
        }
        return trigger
    }

    private mutating func endsOn(_ plan: FileMapping) -> [CampaignsConfiguration.Condition] {
        var conditions: [CampaignsConfiguration.Condition] = []
        for node in plan.list("ends_on", faults: &faults) {
            if let condition = condition(node) { conditions.append(condition) }
        }
        return conditions
    }

    private mutating func condition(_ node: FileNode) -> CampaignsConfiguration.Condition? {
        let keys = ["event", "tag_added", "tag_removed"]
        guard let mapping = FileMapping(node, allowed: keys, faults: &faults) else { return nil }
        let given = keys.filter { mapping.node($0) != nil }
        guard given.count == 1, let key = given.first else {
            faults.append(
                FileFault(
                    line: node.line, path: node.path,
                    "must be one of {event: TYPE}, {tag_added: TAG}, {tag_removed: TAG}"))
            return nil
        }
        let value = mapping.text(key, faults: &faults)
        return key == "event" ? .event(value) : key == "tag_added" ? .tagAdded(value) : .tagRemoved(value)
    }

    private mutating func step(_ node: FileNode, seen: inout Set<String>) -> CampaignsConfiguration.Step? {
        let keys = ["id", "after", "day", "at", "text", "attachments", "valid"]
        guard let step = FileMapping(node, allowed: keys, faults: &faults) else { return nil }
        let id = id(of: step, seen: &seen, what: "step")
        var attachments: [CampaignsConfiguration.Attachment] = []
        for item in step.list("attachments", faults: &faults) {
            if let attachment = attachment(item) { attachments.append(attachment) }
        }
        if attachments.count > 9 { faults.append(step.fault("attachments", "may be nine at most")) }
        var text = ""
        if step.node("text") != nil || attachments.isEmpty { text = step.text("text", faults: &faults) }
        if text.utf8.count > 4_000 {
            faults.append(step.fault("text", "has \(text.utf8.count) bytes; the platform takes 4000 at most"))
        }
        let valid = minutes("valid", of: step) ?? CampaignsConfiguration.Step.defaultValidMinutes
        if valid < 1 { faults.append(step.fault("valid", "must be at least 1m")) }
        return .init(id: id, moment: moment(step), text: text, attachments: attachments, validMinutes: valid)
    }

    private mutating func moment(_ step: FileMapping) -> CampaignsConfiguration.Moment {
        let hasDay = step.node("day") != nil || step.node("at") != nil
        guard (step.node("after") != nil) != hasDay else {
            faults.append(step.fault("after", "give either `after: 2h`, or `day: 3` with `at: \"10:00\"`"))
            return .after(minutes: 0)
        }
        guard hasDay else { return .after(minutes: minutes("after", of: step) ?? 0) }
        let day = number("day", of: step, in: 1...365, default: nil)
        if step.node("at") == nil { faults.append(step.fault("at", "is missing")) }
        return .day(day, at: time("at", of: step) ?? .midnight)
    }

    private mutating func attachment(_ node: FileNode) -> CampaignsConfiguration.Attachment? {
        let keys = ["kind", "title", "url", "description", "picture_url", "media_id", "app_id", "page"]
        guard let item = FileMapping(node, allowed: keys, faults: &faults) else { return nil }
        if item.node("kind") == nil { faults.append(item.fault("kind", "is missing")) }
        let kind = item.choice("kind", default: CampaignsConfiguration.Attachment.Kind.link, faults: &faults)
        let required =
            switch kind {
            case .image: item.node("media_id") == nil ? ["picture_url"] : ["media_id"]
            case .link: ["title", "url"]
            case .miniprogram: ["title", "media_id", "app_id", "page"]
            }
        var texts: [String: String] = [:]
        for key in keys.dropFirst() where item.node(key) != nil || required.contains(key) {
            texts[key] = item.text(key, faults: &faults)
        }
        let titleLimit = kind == .miniprogram ? 64 : 128
        if (texts["title"] ?? "").utf8.count > titleLimit {
            faults.append(item.fault("title", "may have \(titleLimit) bytes at most"))
        }
        if (texts["description"] ?? "").utf8.count > 512 {
            faults.append(item.fault("description", "may have 512 bytes at most"))
        }
        return .init(
            kind: kind, title: texts["title"], url: texts["url"], description: texts["description"],
            pictureURL: texts["picture_url"], mediaID: texts["media_id"], appID: texts["app_id"], page: texts["page"])
    }

    // MARK: Values

    private mutating func id(of mapping: FileMapping, seen: inout Set<String>, what: String) -> String {
        let id = mapping.text("id", faults: &faults)
        guard !id.isEmpty else { return id }
        if id.utf8.count > 64 || id.wholeMatch(of: /[a-z0-9_-]+/) == nil {
            faults.append(mapping.fault("id", "may have a-z, 0-9, _ and -, and 64 characters at most"))
        }
        if !seen.insert(id).inserted { faults.append(mapping.fault("id", "\(id) names another \(what) already")) }
        return id
    }

    private mutating func number(
        _ key: String, of mapping: FileMapping, in range: ClosedRange<Int>, default standard: Int?
    ) -> Int {
        guard mapping.node(key) != nil else {
            if standard == nil { faults.append(mapping.fault(key, "is missing")) }
            return standard ?? range.lowerBound
        }
        guard let number = mapping.integer(key, faults: &faults) else { return range.lowerBound }
        if !range.contains(number) {
            faults.append(mapping.fault(key, "must be from \(range.lowerBound) to \(range.upperBound)"))
        }
        return number
    }

    private mutating func time(_ key: String, of mapping: FileMapping) -> TimeOfDay? {
        guard mapping.node(key) != nil else { return nil }
        let text = mapping.text(key, faults: &faults)
        guard let time = TimeOfDay(text) else {
            faults.append(mapping.fault(key, "must be a time of the day such as \"09:30\", in quotation marks"))
            return nil
        }
        return time
    }

    /// `90m`, `2h` or `3d`, in minutes.
    private mutating func minutes(_ key: String, of mapping: FileMapping) -> Int? {
        guard mapping.node(key) != nil else { return nil }
        let text = mapping.text(key, faults: &faults)
        let units: [Character: Int] = ["m": 1, "h": 60, "d": 1_440]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()),
            (0...525_600 / unit).contains(count)
        else {
            faults.append(mapping.fault(key, "must be a time such as 90m, 2h or 3d, up to a year"))
            return nil
        }
        return count * unit
    }
}

extension TimeOfDay {
    fileprivate static var midnight: TimeOfDay {
        guard let time = TimeOfDay("00:00") else { preconditionFailure("00:00 is a time of the day") }
        return time
    }
}
