import AlertNotifier
import ArgumentParser
import WorkerHost

/// Flags of the notifier; each has an environment variable too.
struct NotifierOptions: ParsableArguments {
    @Option(help: NotifierOptions.help(NotifierSettings.pageAddress))
    var alertPageAddress: String?

    @Option(name: .customLong("alert-link-base-url"), help: NotifierOptions.help(NotifierSettings.linkBaseURL))
    var alertLinkBaseURL: String?

    @Option(name: .customLong("wecom-base-url"), help: NotifierOptions.help(NotifierSettings.weComBaseURL))
    var weComBaseURL: String?

    @Flag(help: NotifierOptions.help(NotifierSettings.webhookAllowPrivate))
    var webhookAllowPrivate = false

    @Option(help: NotifierOptions.help(NotifierSettings.frequentHits))
    var frequentHits: String?

    @Option(help: NotifierOptions.help(NotifierSettings.acknowledgeWithin))
    var acknowledgeWithin: String?

    @Option(help: NotifierOptions.help(NotifierSettings.resolveWithin))
    var resolveWithin: String?

    /// What was given on the command line, by key.
    var flags: [String: String] {
        var flags: [String: String] = [:]
        flags[NotifierSettings.pageAddress.key] = alertPageAddress
        flags[NotifierSettings.linkBaseURL.key] = alertLinkBaseURL
        flags[NotifierSettings.weComBaseURL.key] = weComBaseURL
        flags[NotifierSettings.frequentHits.key] = frequentHits
        flags[NotifierSettings.acknowledgeWithin.key] = acknowledgeWithin
        flags[NotifierSettings.resolveWithin.key] = resolveWithin
        if webhookAllowPrivate { flags[NotifierSettings.webhookAllowPrivate.key] = "true" }
        return flags
    }

    private static func help(_ setting: Setting) -> ArgumentHelp {
        ArgumentHelp("\(setting.help) (env: \(setting.environment))")
    }
}
