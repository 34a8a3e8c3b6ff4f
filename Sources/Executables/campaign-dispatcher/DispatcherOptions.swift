import ArgumentParser
import CampaignDispatcher
import WorkerHost

/// Flags of the dispatcher; each has an environment variable too.
struct DispatcherOptions: ParsableArguments {
    @Option(name: .customLong("wecom-base-url"), help: DispatcherOptions.help(DispatcherSettings.weComBaseURL))
    var weComBaseURL: String?

    @Option(help: DispatcherOptions.help(DispatcherSettings.clock))
    var campaignClock: String?

    @Option(help: DispatcherOptions.help(DispatcherSettings.askFor))
    var campaignAskSeconds: String?

    @Option(help: DispatcherOptions.help(DispatcherSettings.resultInterval))
    var campaignResultSeconds: String?

    /// What was given on the command line, by key.
    var flags: [String: String] {
        var flags: [String: String] = [:]
        flags[DispatcherSettings.weComBaseURL.key] = weComBaseURL
        flags[DispatcherSettings.clock.key] = campaignClock
        flags[DispatcherSettings.askFor.key] = campaignAskSeconds
        flags[DispatcherSettings.resultInterval.key] = campaignResultSeconds
        return flags
    }

    private static func help(_ setting: Setting) -> ArgumentHelp {
        ArgumentHelp("\(setting.help) (env: \(setting.environment))")
    }
}
