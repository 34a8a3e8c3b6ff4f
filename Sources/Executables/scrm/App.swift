import ArgumentParser

@main
struct App: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "scrm")

    func run() async throws {}
}
