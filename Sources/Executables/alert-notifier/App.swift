import ArgumentParser

@main
struct App: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "alert-notifier")

    func run() async throws {}
}
