package import ArgumentParser

/// Flags of every worker. A worker adds it with `@OptionGroup` and hands it to ``Launch``.
package struct WorkerOptions: ParsableArguments, Sendable {
    @OptionGroup package var connection: ConnectionOptions

    @Option(help: ConnectionOptions.help(StandardSettings.httpAddress))
    package var httpAddress: String?

    @Option(help: ConnectionOptions.help(StandardSettings.httpPortFile))
    package var httpPortFile: String?

    @Option(help: ConnectionOptions.help(StandardSettings.start))
    package var start: String?

    @Flag(help: ConnectionOptions.help(StandardSettings.allowEmpty))
    package var allowEmpty = false

    @Option(help: ConnectionOptions.help(StandardSettings.instance))
    package var instance: String?

    @Option(help: ConnectionOptions.help(StandardSettings.connections))
    package var connections: String?

    @Option(help: ConnectionOptions.help(StandardSettings.stallLimit))
    package var stallLimitSeconds: String?

    @Option(help: ConnectionOptions.help(StandardSettings.parkedKeyBytes))
    package var parkedKeyBytes: String?

    @Option(help: ConnectionOptions.help(StandardSettings.parkedLaneBytes))
    package var parkedLaneBytes: String?

    @Option(help: ConnectionOptions.help(StandardSettings.parkedKeyRecords))
    package var parkedKeyRecords: String?

    @Option(help: ConnectionOptions.help(StandardSettings.parkedLaneRecords))
    package var parkedLaneRecords: String?

    package init() {}

    /// What was given on the command line, by key.
    var flags: [String: String] {
        var flags = connection.flags
        flags[StandardSettings.httpAddress.key] = httpAddress
        flags[StandardSettings.httpPortFile.key] = httpPortFile
        flags[StandardSettings.start.key] = start
        if allowEmpty { flags[StandardSettings.allowEmpty.key] = "true" }
        flags[StandardSettings.instance.key] = instance
        flags[StandardSettings.connections.key] = connections
        flags[StandardSettings.stallLimit.key] = stallLimitSeconds
        flags[StandardSettings.parkedKeyBytes.key] = parkedKeyBytes
        flags[StandardSettings.parkedLaneBytes.key] = parkedLaneBytes
        flags[StandardSettings.parkedKeyRecords.key] = parkedKeyRecords
        flags[StandardSettings.parkedLaneRecords.key] = parkedLaneRecords
        return flags
    }
}
