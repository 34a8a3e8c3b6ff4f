import ArgumentParser
import Contracts
import WorkerHost

/// What the commands of the three kinds of configuration have in common.
struct ApplyOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("YAML or JSON file; - for standard input.", valueName: "file"))
    var file: String

    @Option(help: ArgumentHelp("Corp the set belongs to, when the file doesn't say.", valueName: "id"))
    var corp: String?

    @Flag(help: "Show what would change; publish nothing.")
    var dryRun = false

    @Flag(help: "Return when every live copy of the workers concerned runs the version; exit code 3 after --timeout.")
    var wait = false

    @Option(help: ArgumentHelp("Seconds for --wait.", valueName: "seconds"))
    var timeout: Int = 60

    mutating func validate() throws {
        guard (1...86_400).contains(timeout) else {
            throw ValidationError("--timeout must be from 1 to 86400 seconds.")
        }
    }

    func run<File: ConfigurationFile>(_ type: File.Type, _ options: OperatorOptions) async throws {
        let settings = try options.settings(needs: wait ? [.kafka, .database] : [.kafka])
        let value = try await FileText.parse(type, file, corpID: corp)
        try await Apply<File>(settings: settings, console: options.console)
            .run(value, dryRun: dryRun, wait: wait ? .seconds(timeout) : nil)
    }
}

/// Prints what a configuration topic holds.
struct Show<File: ConfigurationFile> {
    struct Entry: Encodable {
        var key: String
        var version: String
        var summary: String
        var value: File.Value
    }

    static func run(_ options: OperatorOptions, corp: String?) async throws {
        let settings = try options.settings(needs: [.kafka])
        let topic = settings.namespace.topic(File.topic)
        let entries = try await Cluster.with(settings) { cluster in
            try await cluster.values(topic: topic).sorted { $0.key < $1.key }
                .filter { corp == nil || $0.key == "\(corp ?? "")/\(File.kind)" || $0.key == "*/\(File.kind)" }
                .map { key, bytes in
                    let value: File.Value
                    do {
                        value = try File.decode(bytes)
                    } catch {
                        throw OperatorFailure(
                            .failure, "The record \(key) of \(topic) can't be read by this scrm.",
                            advice: "Apply the file again with this version.")
                    }
                    return Entry(
                        key: key, version: SnapshotVersion.of(bytes), summary: File.summary(value), value: value)
                }
        }
        if entries.isEmpty, !options.json { options.console.note("Nothing in \(topic).") }
        try options.console.report(
            entries,
            text: entries.map { entry in
                (["\(entry.key) version \(entry.version): \(entry.summary)"]
                    + File.changes(from: nil, to: entry.value).map { "  \($0.dropFirst(2))" }).joined(separator: "\n")
            }.joined(separator: "\n"))
    }
}
