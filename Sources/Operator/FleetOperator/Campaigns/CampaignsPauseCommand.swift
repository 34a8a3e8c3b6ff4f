import ArgumentParser
import Contracts

/// `scrm campaigns pause`.
struct CampaignsPauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Stop a plan, or all: no customer enters, nothing more is sent. What is due waits while it is valid.",
        discussion: "Example: scrm campaigns pause cart-rescue --wait")

    @OptionGroup var change: PlanChange
    @OptionGroup var options: OperatorOptions

    func run() async throws { try await change.run(paused: true, options) }
}

/// `scrm campaigns resume`.
struct CampaignsResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let a paused plan, or all, go on.",
        discussion: "Example: scrm campaigns resume cart-rescue --wait")

    @OptionGroup var change: PlanChange
    @OptionGroup var options: OperatorOptions

    func run() async throws { try await change.run(paused: false, options) }
}

/// Which plan, of the plans in the topic; they are published again with the change.
struct PlanChange: ParsableArguments {
    @Argument(help: ArgumentHelp("The plan.", valueName: "plan"))
    var plan: String?
    @Flag(help: "Every plan of the corp.")
    var all = false
    @Option(help: ArgumentHelp("Whose plans, when several corps have some.", valueName: "id"))
    var corp: String?
    @Flag(help: "Return when every live dispatcher runs the change; exit code 3 after --timeout.")
    var wait = false
    @Option(help: ArgumentHelp("Seconds for --wait.", valueName: "seconds"))
    var timeout: Int = 60

    mutating func validate() throws {
        guard (plan != nil) != all else { throw ValidationError("Give a plan, or --all.") }
        guard (1...86_400).contains(timeout) else {
            throw ValidationError("--timeout must be from 1 to 86400 seconds.")
        }
    }

    func run(paused: Bool, _ options: OperatorOptions) async throws {
        let settings = try options.settings(needs: wait ? [.kafka, .database] : [.kafka])
        var value = try await applied(settings)
        if let plan {
            guard let index = value.plans.firstIndex(where: { $0.id == plan }) else {
                throw OperatorFailure(
                    .usage, "\(value.corpID) has no plan \(plan).",
                    advice: "Its plans are \(value.plans.map(\.id).joined(separator: ", ")).")
            }
            value.plans[index].paused = paused
        } else {
            value.paused = paused
        }
        try await Apply<CampaignsFile>(settings: settings, console: options.console)
            .run(value, dryRun: false, wait: wait ? .seconds(timeout) : nil)
    }

    private func applied(_ settings: OperatorSettings) async throws -> CampaignsConfiguration {
        let sets = try await AppliedCampaigns.all(settings, corp: corp)
        guard let only = sets.first, sets.count == 1 else {
            throw OperatorFailure(
                .usage, sets.isEmpty ? "No plans are applied." : "Plans of several corps are applied.",
                advice: sets.isEmpty
                    ? "Apply some with `scrm campaigns apply FILE`."
                    : "Say which with --corp ID: \(sets.map(\.configuration.corpID).joined(separator: ", ")).")
        }
        return only.configuration
    }
}
