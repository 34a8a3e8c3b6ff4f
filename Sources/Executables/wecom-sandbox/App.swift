import ArgumentParser

@main
struct App: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "wecom-sandbox")

    func run() async throws {}
}
