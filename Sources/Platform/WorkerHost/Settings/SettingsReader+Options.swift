import Foundation

extension ConnectionOptions {
    /// Everything that was configured: these flags, the environment, the file.
    /// - Parameters:
    ///   - settings: the program's own settings, beside the ones every program has.
    ///   - flags: values of the program's own flags, by key.
    package func reader(
        adding settings: [Setting] = [], flags own: [String: String] = [:],
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> SettingsReader {
        reader(flags: flags, known: StandardSettings.connection + settings, own: own, environment: environment)
    }

    func reader(
        flags: [String: String], known: [Setting], own: [String: String], environment: [String: String]
    ) -> SettingsReader {
        var flags = flags.merging(own) { _, own in own }
        flags[KafkaProperties.bootstrapServers.key] = bootstrapServers
        let path = config ?? environment["SCRM_CONFIG"]
        return SettingsReader(
            flags: flags, assignments: set + kafka.map { KafkaProperties.keyPrefix + $0 }, environment: environment,
            file: path.flatMap { $0.isEmpty ? nil : ConfigurationFile(path: $0) },
            known: known + [KafkaProperties.bootstrapServers])
    }
}

extension WorkerOptions {
    /// Everything that was configured for a worker: these flags, the environment, the file.
    /// - Parameters:
    ///   - settings: the worker's own settings, beside the ones every worker has.
    ///   - flags: values of the worker's own flags, by key.
    package func reader(
        adding settings: [Setting] = [], flags own: [String: String] = [:],
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> SettingsReader {
        connection.reader(
            flags: flags, known: StandardSettings.worker + settings, own: own, environment: environment)
    }
}
