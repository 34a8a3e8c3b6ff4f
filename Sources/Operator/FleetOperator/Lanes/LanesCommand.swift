package import ArgumentParser

/// `scrm lanes`.
package struct LanesCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "lanes", abstract: "Answer a worker whose lanes stand still.",
        discussion: "Example: scrm lanes reset archive-ingest --offsets earliest",
        subcommands: [LanesResetCommand.self])

    package init() {}
}
