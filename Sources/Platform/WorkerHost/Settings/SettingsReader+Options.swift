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
        reader(
            flags: flags.merging(own) { _, own in own }, known: StandardSettings.connection + settings,
            environment: environment, file: file(environment))
    }

    func reader(
        flags: [String: String], known: [Setting], environment: [String: String], file: ConfigurationFile?
    ) -> SettingsReader {
        var flags = flags
        flags[KafkaProperties.bootstrapServers.key] = bootstrapServers
        return SettingsReader(
            flags: flags, assignments: set + kafka.map { KafkaProperties.keyPrefix + $0 }, environment: environment,
            file: file, known: known + [KafkaProperties.bootstrapServers])
    }

    func file(_ environment: [String: String]) -> ConfigurationFile? {
        guard let path = config ?? environment["SCRM_CONFIG"], !path.isEmpty else { return nil }
        return ConfigurationFile(path: path)
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
        reader(adding: settings, flags: own, environment: environment, file: connection.file(environment))
    }

    func reader(
        adding settings: [Setting] = [], flags own: [String: String] = [:], environment: [String: String],
        file: ConfigurationFile?
    ) -> SettingsReader {
        connection.reader(
            flags: flags.merging(own) { _, own in own }, known: StandardSettings.worker + settings,
            environment: environment, file: file)
    }
}
