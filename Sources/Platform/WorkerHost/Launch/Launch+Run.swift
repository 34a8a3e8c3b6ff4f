import ArgumentParser
import Foundation
import Kafka
import LaneStorage
import Logging
import Operations
package import Postgres
package import ServiceLifecycle
import Synchronization
import UnixSignals
package import WorkerRuntime

extension Launch {
    /// Runs the worker until SIGTERM or SIGINT, or until it must stop.
    ///
    /// Waits for PostgreSQL, the tables, the topics and every feed before the first record. A graceful shutdown ends the lanes
    /// first, then `services` backwards, then heartbeat, feeds, pool and the HTTP server. Throws an `ExitCode`: see
    /// ``ExitStatus``; the reason has been logged.
    /// - Parameters:
    ///   - doors: record topics fed from outside, without namespace. Their records carry no number.
    ///   - streams: record topics that workers publish, without namespace: what was seen before is dropped by number.
    ///   - outputs: record topics it publishes to, without namespace.
    ///   - feeds: the worker's configuration topics.
    ///   - services: run beside the worker; what it needs, such as an HTTP client.
    ///   - remarks: what people should know of how this copy is set up; heartbeats carry them.
    package func run<Handler: BatchHandler>(
        _ handler: Handler, doors: [String] = [], streams: [String] = [], outputs: [String] = [],
        feeds: [any AnyConfigurationFeed] = [], services: [any Service] = [], limits: WorkerLimits? = nil,
        remarks: [String: String] = [:]
    ) async throws where Handler.Transaction == PostgresTransaction {
        do {
            let sources =
                doors.map { SourceTopic(configuration.connection.prefixed($0), numbered: false) }
                + streams.map { SourceTopic(configuration.connection.prefixed($0), numbered: true) }
            let outputs = outputs.map(configuration.connection.prefixed)
            var limits = limits ?? WorkerLimits(connections: configuration.connections)
            limits.parking = configuration.parking
            try await assemble(handler, sources, outputs, feeds, services, limits, remarks)
            logger.notice("Ended as asked.")
        } catch let error as OperationsServer.AddressUnavailable {
            throw ExitStatus.refuse(
                ConfigurationFaults([.init(place: StandardSettings.httpAddress.key, problem: error.description)]))
        } catch let error as KafkaConfigurationFaults {
            throw ExitStatus.refuse(ConfigurationFaults(error.faults.map(SettingFault.init)))
        } catch let error as ConfigurationFault {
            logger.error("The set-up makes it impossible to run.", metadata: [LogKeys.reason: "\(error)"])
            throw ExitStatus.refuse(ConfigurationFaults([.init(place: program, problem: error.description)]))
        } catch {
            logger.critical("Stopped by a failure.", metadata: [LogKeys.error: "\(Self.text(error))"])
            throw ExitCode(ExitStatus.failure)
        }
    }

    private func assemble<Handler: BatchHandler>(
        _ handler: Handler, _ sources: [SourceTopic], _ outputs: [String], _ feeds: [any AnyConfigurationFeed],
        _ services: [any Service], _ limits: WorkerLimits, _ remarks: [String: String]
    ) async throws where Handler.Transaction == PostgresTransaction {
        let group = configuration.connection.prefixed(program)
        let progress = WorkerProgress(worker: program, logger: logger)
        let member = try KafkaGroupMember(
            kafka, group: group, topics: sources.map(\.name), logger: logger(of: "member"))
        let publisher = try KafkaRecordPublisher(kafka, logger: logger(of: "producer"))
        let worker = LaneWorker(
            name: program, group: group, sources: sources, member: member, publisher: publisher,
            store: PostgresLaneStore(pool: pool, schema: schema, logger: logger), clock: clock, handler: handler,
            startPolicy: configuration.start == .earliest ? .earliest : .latest, limits: limits, progress: progress,
            logger: logger)
        let topics = sources.map(\.name) + outputs
        let prerequisites = Prerequisites(
            pool: pool, schema: schema, feeds: feeds, topics: { try await member.obstacle(to: topics) }, clock: clock,
            logger: logger)
        let status = CopyStatus(
            launch: self, progress: progress, prerequisites: prerequisites, feeds: feeds, remarks: remarks)
        let guardian = ShutdownGuard(deadline: .seconds(30), logger: logger) { status.stopping() }
        defer { guardian.disarm() }
        let all: [any Service] =
            [guardian, operations(status), pool] + feeds.map { $0 as any Service }
            + [heartbeat(status), stallWatch(status, progress)] + services
            + [WorkerService(worker: worker, prerequisites: prerequisites, publisher: publisher)]
        var configuration = ServiceGroupConfiguration(
            services: all, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(27)
        try await ServiceGroup(configuration: configuration).run()
    }

    private func logger(of client: String) -> Logger {
        var logger = logger
        logger[metadataKey: LogKeys.kafkaClient] = "\(client)"
        return logger
    }

    private func operations(_ status: CopyStatus) -> OperationsServer {
        OperationsServer(
            host: configuration.httpHost, port: configuration.httpPort, metrics: metrics,
            live: { status.live }, ready: { status.ready }, logger: logger
        ) { port in
            logger.notice(
                "Health and metrics are served.", metadata: [LogKeys.address: "\(configuration.httpHost):\(port)"])
            guard let file = configuration.httpPortFile else { return }
            do {
                // Written whole or not at all, for whoever waits for it.
                try Data("\(port)\n".utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
            } catch {
                logger.error("The port could not be written to its file.", metadata: [LogKeys.reason: "\(file)"])
            }
        }
    }

    private func heartbeat(_ status: CopyStatus) -> HeartbeatService {
        HeartbeatService(
            store: HeartbeatStore(pool: pool, schema: schema), instance: instance, clock: clock, logger: logger
        ) { status.report }
    }

    private func stallWatch(_ status: CopyStatus, _ progress: WorkerProgress) -> StallWatch {
        let locks = LockHolderStore(pool: pool, schema: schema)
        return StallWatch(
            progress: progress, limit: configuration.stallLimit, clock: clock, logger: logger,
            stall: { status.stall }, lockHolders: { try await locks.holders() })
    }

    /// Errors that know their disposition promise a clean description; of another only the type is safe to show.
    private static func text(_ error: any Error) -> String {
        if error is any Disposed || error is PostgresError { return "\(error)" }
        return String(describing: type(of: error))
    }
}
