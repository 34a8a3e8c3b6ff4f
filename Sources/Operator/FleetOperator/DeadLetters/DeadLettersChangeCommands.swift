import ArgumentParser

/// `scrm dead-letters redrive`.
struct DeadLettersRedriveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redrive", abstract: "Let the worker process dead letters again, each with its effect once.",
        discussion: """
            Repair the cause first. The owner of each record's lane processes it again in one transaction with the removal of
            its dead letter, so nothing is doubled, whoever dies meanwhile; what fails again stays a dead letter. What it
            publishes goes out through the outbox. When the last dead letter of a parked key is gone, the key is unparked.

            Interrupted, the same command goes on where it stood; run once more, it finds nothing to do.

            Exit codes: 0 all done; 3 nothing got done for --timeout; 4 done, except for some that failed again or were refused.

            Example: scrm dead-letters redrive --error unknown_corp --reason "corp added to corps.yaml"
            """)

    @OptionGroup(title: "Which") var filter: LetterFilter
    @Flag(help: "All of them.") var all = false
    @OptionGroup(title: "How") var change: ChangeOptions
    @Option(help: ArgumentHelp("At most so many a second.", valueName: "n"))
    var rate: Int = 100
    @OptionGroup var options: OperatorOptions

    mutating func validate() throws { try LetterChange.validate(filter, all: all, rate: rate) }

    func run() async throws {
        try await LetterChange(action: .redrive, filter: filter, change: change, rate: rate, options: options).run()
    }
}

/// `scrm dead-letters discard`.
struct DeadLettersDiscardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard", abstract: "Forget dead letters for good.",
        discussion: """
            What was discarded, by whom and why, is kept; the record is not. When the last dead letter of a parked key is
            gone, the key is unparked.

            Interrupted, the same command goes on where it stood. Exit codes: 0 all done; 3 nothing got done for --timeout.

            Example: scrm dead-letters discard --worker archive-ingest --id 17 --reason "test message of the puller"
            """)

    @OptionGroup(title: "Which") var filter: LetterFilter
    @Flag(help: "All of them.") var all = false
    @OptionGroup(title: "How") var change: ChangeOptions
    @Option(help: ArgumentHelp("At most so many a second.", valueName: "n"))
    var rate: Int = 1_000
    @OptionGroup var options: OperatorOptions

    mutating func validate() throws { try LetterChange.validate(filter, all: all, rate: rate) }

    func run() async throws {
        try await LetterChange(action: .discard, filter: filter, change: change, rate: rate, options: options).run()
    }
}

extension LetterChange {
    fileprivate static func validate(_ filter: LetterFilter, all: Bool, rate: Int) throws {
        guard all || filter.isNarrow else {
            throw ValidationError(
                "Say which: by --worker, --error, --since, --until, --key, --rule-version, --id, or --all.")
        }
        guard (1...100_000).contains(rate) else { throw ValidationError("--rate must be from 1 to 100000.") }
    }
}

extension LetterFilter {
    fileprivate var isNarrow: Bool { worker != nil || !selection.isEverything }
}
