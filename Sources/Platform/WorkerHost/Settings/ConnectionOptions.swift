package import ArgumentParser

/// Flags of every program that talks to Kafka and PostgreSQL: the workers and `scrm`.
package struct ConnectionOptions: ParsableArguments, Sendable {
    @Option(help: "YAML file with settings. Environment: SCRM_CONFIG.")
    package var config: String?

    @Option(help: help(StandardSettings.namespace))
    package var namespace: String?

    @Option(help: "Kafka brokers, host:port[,host:port…]. Environment: KAFKA_BOOTSTRAP_SERVERS. Required.")
    package var bootstrapServers: String?

    @Option(help: help(StandardSettings.databaseURL))
    package var databaseURL: String?

    @Option(help: help(StandardSettings.logLevel))
    package var logLevel: String?

    @Option(help: help(StandardSettings.logFormat))
    package var logFormat: String?

    @Option(
        name: .customLong("kafka"),
        help: ArgumentHelp(
            "Any librdkafka property; repeatable. Environment: KAFKA_SECURITY_PROTOCOL sets security.protocol.",
            valueName: "name=value"))
    package var kafka: [String] = []

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Any setting by its key in the file; repeatable.", valueName: "key=value"))
    package var set: [String] = []

    package init() {}

    static func help(_ setting: Setting) -> ArgumentHelp {
        ArgumentHelp("\(setting.help) Environment: \(setting.environment). File: \(setting.key).")
    }

    /// What was given on the command line, by key.
    var flags: [String: String] {
        var flags: [String: String] = [:]
        flags[StandardSettings.namespace.key] = namespace
        flags[StandardSettings.databaseURL.key] = databaseURL
        flags[StandardSettings.logLevel.key] = logLevel
        flags[StandardSettings.logFormat.key] = logFormat
        return flags
    }
}
