package import WorkerHost

/// The monitor's own settings.
package struct MonitorSettings: Sendable, Equatable {
    package static let maximumAlertAge = Setting(
        "monitor.max-alert-age",
        help:
            "A hit in a message sent longer ago is stored but alerts nobody, so that history can be imported: a number "
            + "and s, m, h or d, 1m to 365d. Default: 24h.")

    package static let contextLines = Setting(
        "monitor.context-lines",
        help: "Lines of the conversation that go with an alert, before the hit and after it: 0 to 20. Default: 5.")

    package static let contextAge = Setting(
        "monitor.context-age",
        help:
            "Lines sent longer before or after the hit do not go with it, and silent conversations are forgotten after it: "
            + "a number and s, m, h or d, 1m to 365d. Default: 2h.")

    package static let all = [maximumAlertAge, contextLines, contextAge]

    package var maximumAlertAge: Duration
    package var context: ContextLimits

    package init(maximumAlertAge: Duration = .seconds(24 * 3_600), context: ContextLimits = ContextLimits()) {
        self.maximumAlertAge = maximumAlertAge
        self.context = context
    }

    /// Faults are collected by `settings`.
    package init(_ settings: inout SettingsReader) {
        self.init()
        maximumAlertAge = settings.value(Self.maximumAlertAge, default: maximumAlertAge, Self.age)
        context.lines = settings.integer(Self.contextLines, in: 0...20, default: context.lines)
        context.age = settings.value(Self.contextAge, default: context.age, Self.age)
    }

    private static func age(_ text: String) throws(InvalidSetting) -> Duration {
        let seconds = ["s": 1, "m": 60, "h": 3_600, "d": 86_400][text.suffix(1).lowercased()]
        let allowed = 60...(365 * 86_400)
        guard let seconds, let number = Int(text.dropLast()), (0...allowed.upperBound).contains(number),
            allowed.contains(number * seconds)
        else { throw InvalidSetting("must be a number and s, m, h or d, from 1m to 365d") }
        return .seconds(number * seconds)
    }
}
