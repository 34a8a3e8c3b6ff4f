package import WorkerHost

/// The scorer's own settings.
package struct TagScorerSettings: Sendable, Equatable {
    package static let timerIntervalSetting = Setting(
        "tags.timer-interval",
        help: "How often a lane looks for tags that change by the clock alone, milliseconds: 50 to 60000. Default: 500."
    )

    package static let all = [timerIntervalSetting]

    package var timerInterval: Duration

    package init(timerInterval: Duration = .milliseconds(500)) { self.timerInterval = timerInterval }

    /// Faults are collected by `settings`.
    package init(_ settings: inout SettingsReader) {
        self.init(
            timerInterval: .milliseconds(
                settings.integer(Self.timerIntervalSetting, in: 50...60_000, default: 500)))
    }
}
