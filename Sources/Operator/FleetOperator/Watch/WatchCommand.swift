package import ArgumentParser
import Foundation
import WeCom
import WorkerHost

/// `scrm watch`.
package struct WatchCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Tell people by another way when alerting itself is dead, late or failing.",
        discussion: """
            Reads the heartbeats of all schemas and what the notifier has not delivered, and writes to a group robot or a
            webhook of its own, not through the notifier. Runs until SIGTERM or SIGINT; best on another machine than the
            workers. A trouble is told when two looks in a row have seen it, again every hour, and when it is over.
            With --once: one look, nothing is sent; exit code 1 when something is wrong.

            Example: scrm watch --robot-key env:WATCH_ROBOT_KEY --max-lag 120
            """)

    @Option(help: ArgumentHelp("Where the key of the robot to tell is: env:NAME or file:PATH.", valueName: "place"))
    var robotKey: String?
    @Option(help: ArgumentHelp("Webhook to tell; needs --webhook-secret.", valueName: "url"))
    var webhook: String?
    @Option(help: ArgumentHelp("Where the webhook's secret is: env:NAME or file:PATH.", valueName: "place"))
    var webhookSecret: String?
    @Option(help: ArgumentHelp("Lag of a worker that is too much.", valueName: "seconds"))
    var maxLag: Double = 60
    @Option(help: ArgumentHelp("Age of an undelivered alert that is too much.", valueName: "seconds"))
    var maxLate: Double = 300
    @Option(help: ArgumentHelp("Time between two looks.", valueName: "seconds"))
    var every: Int = 15
    @Option(
        name: .customLong("wecom-base-url"),
        help: "Where the WeCom API is. Default: https://qyapi.weixin.qq.com. (env: WECOM_BASE_URL)")
    var weComBaseURL: String?
    @Flag(help: "Look once and print; send nothing.")
    var once = false
    @OptionGroup var options: OperatorOptions

    package init() {}

    package mutating func validate() throws {
        guard (1...3_600).contains(every) else { throw ValidationError("--every must be from 1 to 3600 seconds.") }
        guard maxLag > 0, maxLate > 0 else { throw ValidationError("--max-lag and --max-late must be above 0.") }
        guard (webhook == nil) == (webhookSecret == nil) else {
            throw ValidationError("--webhook and --webhook-secret belong together.")
        }
        guard once || robotKey != nil || webhook != nil else {
            throw ValidationError("Say whom to tell: --robot-key or --webhook; or --once to look only.")
        }
    }

    struct Report: Encodable { var troubles: [Trouble] }

    package func run() async throws {
        let settings = try options.settings(needs: [.database])
        let limits = WatchLimits(lagSeconds: maxLag, lateSeconds: maxLate)
        try await FleetDatabases.with(settings) { databases in
            let look = WatchLook(databases: databases, limits: limits)
            if once {
                let troubles = await look.troubles()
                try options.console.report(
                    Report(troubles: troubles),
                    text: troubles.isEmpty
                        ? "All is well." : troubles.map { "\($0.id): \($0.text)" }.joined(separator: "\n"))
                if !troubles.isEmpty { throw Outcome.failure }
            } else {
                try await OutboundHTTP.withClient { http in try await watch(look, http) }
            }
        }
    }

    private func watch(_ look: WatchLook, _ http: OutboundHTTP) async throws {
        let environment = ProcessInfo.processInfo.environment["WECOM_BASE_URL"]
        let targets = WatchTargets(
            robotKey: robotKey.map(SecretReference.init),
            webhook: webhook.flatMap { url in webhookSecret.map { (url, SecretReference($0)) } },
            weComBaseURL: weComBaseURL ?? environment ?? "https://qyapi.weixin.qq.com")
        var state = WatchState()
        while true {
            let troubles = await look.troubles()
            let now = SystemClock().nowMilliseconds
            let news = state.take(troubles, at: now)
            if !news.isEmpty {
                let (reached, failures) = await targets.tell(news, http: http)
                for failure in failures { options.console.note("not told by \(failure)") }
                if reached {
                    state.told(news, at: now)
                    for item in news { try options.console.report(item, text: item.text) }
                }
            }
            options.console.progress(troubles.isEmpty ? "all is well" : "\(troubles.count) troubles")
            try await Task.sleep(for: .seconds(every))
        }
    }
}
