import ArgumentParser

@main
struct App: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "dev-broker")

    func run() async throws {}
}
