package import Kafka
import LaneStorage
package import Logging
package import Operations
package import Postgres
package import WorkerRuntime

/// Everything a worker's executable has in common: settings, logging, metrics, PostgreSQL, Kafka, health and shutdown.
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
///         let corps = launch.feed(kind: "corps", topic: Topics.corps.name) { _, value in try Corps(json: value) }
///         let handler = ArchiveIngest(corps: { corps.current }, namespace: launch.namespace)
///         try await launch.run(handler, doors: [Topics.chatRaw.name], feeds: [corps])
///     }
/// }
/// ```
///
/// A worker with settings of its own reads them before, so that the faults of all settings come out at once:
///
/// ```swift
/// var settings = options.reader(adding: NotifierSettings.all)
/// let notifier = NotifierConfiguration(&settings)
/// let launch = try await Launch(program: …, schema: …, settings: settings)
/// ```
package struct Launch: Sendable {
    package let program: String
    package let schema: String
    package let configuration: WorkerConfiguration
    /// Name of this copy.
    package let instance: String
    /// Every line carries `instance`.
    package let logger: Logger
    package let clock: any RuntimeClock
    package let metrics: PrometheusMetrics
    package let pool: PostgresPool

    package var kafka: KafkaConfiguration { configuration.connection.kafka }

    /// Prefix of topics and groups; empty for none. Names given to ``Launch`` are without it.
    package var namespace: String { configuration.connection.namespace }

    /// Reads and checks the settings and sets up logging and metrics. Connects to nothing yet.
    ///
    /// Wrong settings are listed on standard error and end the program with ``ExitStatus/configuration``.
    package init(program: String, schema: String, options: WorkerOptions) async throws {
        try await self.init(program: program, schema: schema, settings: options.reader())
    }

    /// The same with settings that were read before: see ``SettingsReader``.
    package init(program: String, schema: String, settings: SettingsReader) async throws {
        AllocatorTuning.apply()
        var settings = settings
        configuration = WorkerConfiguration(&settings)
        do {
            try settings.finish()
        } catch {
            throw ExitStatus.refuse(error)
        }
        let connection = configuration.connection
        self.program = program
        self.schema = schema
        clock = SystemClock()
        instance = configuration.instance ?? InstanceName.made()
        metrics = ProcessBootstrap.install(program: program, format: connection.logFormat, level: connection.logLevel)
        var logger = Logger(label: program)
        logger[metadataKey: LogKeys.instance] = "\(instance)"
        self.logger = logger
        if !settings.ignoredVariables.isEmpty {
            logger.warning(
                "Environment variables that name no librdkafka property are ignored.",
                metadata: [LogKeys.variables: "\(settings.ignoredVariables.joined(separator: ", "))"])
        }
        var postgres = PostgresConfiguration(
            connectionString: connection.databaseURL, applicationName: "\(program) \(instance)")
        postgres.pool.size = configuration.connections
        pool = PostgresPool(postgres, logger: logger)
    }

    /// A configuration topic of this worker; hand it to ``run(_:doors:streams:feeds:services:limits:)``.
    /// - Parameters:
    ///   - kind: word for heartbeats and logs, as `rules`.
    ///   - topic: without namespace.
    ///   - allowsEmpty: the worker may begin although the topic never held anything; `--allow-empty` says so for all.
    ///   - compile: pure; throws for an invalid value. The error's description is logged: it must quote no secrets.
    package func feed<Value: Sendable>(
        kind: String, topic: String, allowsEmpty: Bool = false, compile: @escaping ConfigurationFeed<Value>.Compile
    ) -> ConfigurationFeed<Value> {
        let topic = configuration.connection.prefixed(topic)
        return ConfigurationFeed(
            kind: kind, topic: topic, allowsEmpty: allowsEmpty || configuration.allowsEmpty,
            log: KafkaFeedLog(configuration: kafka, topic: topic, clock: clock, logger: logger),
            keeper: SnapshotStore(pool: pool, schema: schema), clock: clock, logger: logger, compile: compile)
    }
}
