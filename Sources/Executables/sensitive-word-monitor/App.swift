import ArgumentParser

@main
struct App: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "sensitive-word-monitor")

    func run() async throws {}
}
