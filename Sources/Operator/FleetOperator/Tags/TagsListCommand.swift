import ArgumentParser

/// `scrm tags list`.
struct TagsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Tags that customers have now.",
        discussion: "Example: scrm tags list --tag high-intent --json")

    @Option(help: ArgumentHelp("Only this tag.", valueName: "id"))
    var tag: String?
    @Option(help: ArgumentHelp("Only this corp.", valueName: "id"))
    var corp: String?
    @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit: Int = 50
    @OptionGroup var options: OperatorOptions

    mutating func validate() throws {
        guard (1...1_000_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 1000000.") }
    }

    func run() async throws {
        let settings = try options.settings(needs: [.database])
        let tags = try await FleetDatabases.with(settings) {
            try await HeldTag.read($0, corp: corp, tag: tag, customer: nil, limit: limit)
        }
        if tags.isEmpty, !options.json { options.console.note("No tags.") }
        try options.console.report(tags, text: tags.isEmpty ? "" : HeldTag.text(tags))
    }
}

/// `scrm tags show`.
struct TagsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "The tags of one customer.",
        discussion: "Example: scrm tags show wmR4xTCwAA4CG9QiuWSfaCGxnF5Zcahn")

    @Argument(help: ArgumentHelp("The customer's id.", valueName: "customer"))
    var customer: String
    @Option(help: ArgumentHelp("Only this corp.", valueName: "id"))
    var corp: String?
    @OptionGroup var options: OperatorOptions

    func run() async throws {
        let settings = try options.settings(needs: [.database])
        let tags = try await FleetDatabases.with(settings) {
            try await HeldTag.read($0, corp: corp, tag: nil, customer: customer, limit: 1_000)
        }
        if tags.isEmpty, !options.json { options.console.note("\(customer) has no tags.") }
        try options.console.report(tags, text: tags.isEmpty ? "" : HeldTag.text(tags))
    }
}
