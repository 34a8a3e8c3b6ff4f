import ArchiveIngest
import ArgumentParser
import Contracts
import WorkerHost

@main
struct App: WorkerCommand {
    static let configuration = CommandConfiguration(
        commandName: Programs.archiveIngest,
        abstract: "Archives every chat message once and publishes what was stored.", discussion: ExitStatus.help)

    @OptionGroup var options: WorkerOptions

    func run() async throws {
        let launch = try await Launch(
            program: Programs.archiveIngest, schema: Schema.archive.rawValue, options: options)
        let corps = launch.feed(kind: CorpsConfiguration.kind, topic: Topics.corps.name) { _, value in
            try ArchiveIngest.corpIDs(in: value)
        }
        // A fleet without a directory archives all the same: it only serves employees whose ids look like customers'.
        let directories = launch.feed(
            kind: DirectoryConfiguration.kind, topic: Topics.directory.name, allowsEmpty: true
        ) { _, value in
            try ArchiveIngest.disguisedEmployees(in: value)
        }
        let directory = FeedView(of: [corps, directories]) {
            ArchiveIngest.directory(
                corps: corps.current.entries.values.map(\.value),
                disguised: directories.current.entries.values.map(\.value))
        }
        let handler = ArchiveIngest(namespace: Namespace(launch.namespace), clock: launch.clock) { directory.current }
        try await launch.run(
            handler, doors: [Topics.chatRaw.name],
            outputs: Topics.published(by: Programs.archiveIngest).map(\.name), feeds: [corps, directories])
    }
}
