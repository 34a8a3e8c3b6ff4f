package import Logging
package import ServiceLifecycle
package import WorkerRuntime

/// Everything a worker's executable has in common: settings, logging, metrics, the PostgreSQL pool, health and shutdown.
///
/// ```swift
/// @main
/// struct App: WorkerCommand {
///     static let configuration = CommandConfiguration(
///         commandName: Programs.archiveIngest, abstract: "Archives every message once.", discussion: ExitStatus.help)
///     @OptionGroup var options: WorkerOptions
///
///     func run() async throws {
///         let launch = try await Launch(
///             program: Programs.archiveIngest, schema: Schema.archive.rawValue, options: options)
///         let corps = launch.feed(kind: "corps", topic: Topics.corps.name) { key, value in
///             try Corps(json: value)
///         }
///         let handler = ArchiveIngest(corps: { corps.current }, namespace: launch.namespace)
///         try await launch.run(handler, sources: [Topics.chatRaw.name], feeds: [corps])
///     }
/// }
/// ```
package struct Launch: Sendable {
    package let program: String
    package let schema: String
    /// Prefix of topics and groups; empty for none. Names given to ``Launch`` are without it.
    package let namespace: String
    /// Name of this copy.
    package let instance: String
    package let logger: Logger
    package let clock = SystemClock()
    package let configuration: WorkerConfiguration

    /// Reads and checks the settings and sets up logging and metrics.
    ///
    /// Wrong settings are listed on standard error and end the program with ``ExitStatus/configuration``.
    package init(program: String, schema: String, options: WorkerOptions) async throws {
        try await self.init(program: program, schema: schema, settings: options.reader())
    }

    /// For a worker with settings of its own: read them from `options.reader(adding:)` first, so that all faults come
    /// out at once.
    package init(program: String, schema: String, settings: SettingsReader) async throws {
        var settings = settings
        configuration = WorkerConfiguration(&settings)
        try settings.finish()
        self.program = program
        self.schema = schema
        namespace = configuration.connection.namespace
        instance = configuration.instance ?? program
        logger = Logger(label: program)
    }

    /// A configuration topic of this worker; hand it to ``run(_:sources:feeds:services:)``.
    /// - Parameters:
    ///   - kind: word for heartbeats and logs, as `rules`.
    ///   - topic: without namespace.
    ///   - compile: pure; throws for an invalid value.
    package func feed<Value: Sendable>(
        kind: String, topic: String, compile: @escaping ConfigurationFeed<Value>.Compile
    ) -> ConfigurationFeed<Value> {
        ConfigurationFeed(
            kind: kind, topic: configuration.connection.prefixed(topic), allowsEmpty: configuration.allowsEmpty,
            logger: logger, compile: compile)
    }

    /// Runs the worker until SIGTERM or SIGINT, or until it must stop.
    /// - Parameters:
    ///   - sources: record topics, without namespace.
    ///   - feeds: consumption begins when each of them is ready.
    ///   - services: run beside the worker; stopped after it.
    package func run<Handler: BatchHandler>(
        _ handler: Handler, sources: [String], feeds: [any AnyConfigurationFeed] = [], services: [any Service] = []
    ) async throws {
    }
}
