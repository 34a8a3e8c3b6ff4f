package import ArgumentParser

/// `scrm tags`.
package struct TagsCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "tags", abstract: "Look at customers' tags: who has which, since when and why.",
        discussion: "Example: scrm tags explain wmR4xTCwAA4CG9QiuWSfaCGxnF5Zcahn",
        subcommands: [TagsListCommand.self, TagsShowCommand.self, TagsExplainCommand.self, TagsVerifyCommand.self])

    package init() {}
}
