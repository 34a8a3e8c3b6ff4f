package import Contracts

/// The file behind `scrm campaigns apply`: touch plans of a corp and the guard rails they share.
package enum CampaignsFile: ConfigurationFile {
    package static let kind = CampaignsConfiguration.kind
    package static let topic = Topics.campaigns
    package static let users = [Schema.campaigns]

    package static func key(of value: CampaignsConfiguration) -> String { "\(value.corpID)/\(kind)" }

    package static func summary(_ value: CampaignsConfiguration) -> String {
        let steps = value.plans.reduce(0) { $0 + $1.steps.count }
        let paused = value.plans.count(where: \.paused)
        return "plans: \(value.plans.count), steps: \(steps)"
            + (value.paused ? ", all paused" : paused > 0 ? ", paused: \(paused)" : "")
    }

    package static func read(_ text: String, corpID: String?) throws(FileFaults) -> CampaignsConfiguration {
        let root = try FileNode(parsing: text)
        var reading = CampaignsReading()
        let value = reading.configuration(root, corpID: corpID)
        guard let value, reading.faults.isEmpty else { throw FileFaults(reading.faults) }
        return value
    }

    package static func changes(
        from old: CampaignsConfiguration?, to new: CampaignsConfiguration
    ) -> [String] {
        var lines: [String] = []
        if let old {
            let set =
                SetDifference.field("time_zone", old.timeZone, new.timeZone)
                + SetDifference.field("paused", old.paused, new.paused)
                + (old.guards == new.guards ? [] : ["guards"])
            if !set.isEmpty { lines.append("~ all plans: " + set.joined(separator: ", ")) }
        }
        return lines
            + SetDifference.lines(
                "plan", from: old?.plans ?? [], to: new.plans, id: \.id,
                title: { "\($0.id) \($0.name) (\($0.steps.count == 1 ? "1 step" : "\($0.steps.count) steps"))" },
                detail: { before, after in
                    SetDifference.field("name", before.name, after.name)
                        + SetDifference.field("paused", before.paused, after.paused)
                        + SetDifference.field("priority", before.priority, after.priority)
                        + (before.trigger == after.trigger ? [] : ["trigger"])
                        + (before.dayOne == after.dayOne ? [] : ["day_one"])
                        + SetDifference.counts("requires", before.requires, after.requires)
                        + SetDifference.counts("ends_on", before.endsOn, after.endsOn)
                        + SetDifference.lines(
                            "step", from: before.steps, to: after.steps, id: \.id, title: \.id,
                            detail: { former, step in
                                (former.text == step.text ? [] : ["text"])
                                    + (former.moment == step.moment ? [] : ["moment"])
                                    + SetDifference.field("valid_minutes", former.validMinutes, step.validMinutes)
                                    + SetDifference.counts("attachments", former.attachments, step.attachments)
                            })
                })
    }

    package static func findings(
        _ value: CampaignsConfiguration, corps: CorpsConfiguration?
    ) -> ConfigurationFindings {
        var findings = ConfigurationFindings()
        guard let corp = corps?.corps.first(where: { $0.id == value.corpID }) else {
            findings.faults.append("There is no corp \(value.corpID) in the corps configuration.")
            return findings
        }
        if corp.contactSecret == nil, !value.plans.isEmpty {
            findings.warnings.append("\(value.corpID) has no contact_secret; nothing can be sent until it has one.")
        }
        return findings
    }
}
