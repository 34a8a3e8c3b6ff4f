package import Logging
import ServiceLifecycle
import Synchronization

/// A bounded set of connections to one database.
///
/// Connects when a connection is first needed, gives connections out first come first served, and drops those that
/// broke, so after a restart of the server it works again by itself. It never retries a statement: errors go to the
/// caller.
package final class PostgresPool: Sendable {
    package let configuration: PostgresConfiguration
    private let logger: Logger
    private let state: Mutex<PoolState<PostgresConnection>>

    package init(_ configuration: PostgresConfiguration, logger: Logger = Logger(label: "postgres")) {
        self.configuration = configuration
        self.logger = logger
        state = Mutex(PoolState(size: configuration.pool.size))
    }

    /// Lends a connection while `body` runs.
    ///
    /// - Throws: ``PostgresError/timedOut(_:)`` if none became free within the pool's wait time-out,
    ///   ``PostgresError/closed``, and what `body` throws.
    @discardableResult
    package func withConnection<Result: Sendable>(
        _ body: (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        let connection = try await take()
        do {
            let result = try await body(connection)
            await giveBack(connection)
            return result
        } catch {
            await giveBack(connection)
            throw error
        }
    }

    /// Runs `body` in a transaction of its own: see ``PostgresConnection/withTransaction(opening:_:)``.
    @discardableResult
    package func withTransaction<Result: Sendable>(
        opening: [(String, [PostgresValue])] = [], _ body: (PostgresTransaction) async throws -> Result
    ) async throws -> Result {
        try await withConnection { connection in
            try await connection.withTransaction(opening: opening, body)
        }
    }

    /// Runs one statement on any connection; it commits by itself.
    @discardableResult
    package func execute(_ sql: String, _ binds: [PostgresValue] = []) async throws -> PostgresRows {
        try await withConnection { connection in try await connection.execute(sql, binds) }
    }

    /// Closes idle connections now and lent ones when they come back; whoever waits gets ``PostgresError/closed``.
    package func close() async {
        let (idle, waiters) = state.withLock { $0.close() }
        for waiter in waiters { waiter.resume(returning: .failed(.closed)) }
        for connection in idle { await connection.close() }
    }

    /// Callers waiting for a connection now.
    package var waitingCount: Int { state.withLock { $0.waitingCount } }

    // MARK: Lending

    private func take() async throws(PostgresError) -> PostgresConnection {
        let grant: PoolState<PostgresConnection>.Grant
        switch state.withLock({ $0.claim() }) {
        case .granted(let now): grant = now
        case .queued(let ticket): grant = await wait(ticket)
        }
        switch grant {
        case .failed(let error): throw error
        case .connect: return try await connect()
        case .reuse(let connection):
            // The server may have closed it while it was idle.
            if await connection.isReusable { return connection }
            await connection.close()
            return try await connect()
        }
    }

    /// Waits for a place, at most as long as the configuration says.
    private func wait(_ ticket: UInt64) async -> PoolState<PostgresConnection>.Grant {
        let timeout = configuration.pool.waitTimeout
        return await withTaskGroup(of: PoolState<PostgresConnection>.Grant?.self) { group in
            group.addTask { await self.queue(ticket) }
            group.addTask {
                // Ends early only by cancellation, when nobody waits any more.
                try? await Task.sleep(for: timeout)
                return nil
            }
            let first = await group.next()
            group.cancelAll()
            if case .some(.some(let grant)) = first { return grant }
            // The time is over; a grant made at the last moment still counts.
            guard case .some(.some(let grant)) = await group.next() else { return .failed(.closed) }
            if case .failed(.cancelled) = grant, !Task.isCancelled {
                return .failed(.timedOut("waiting for one of \(self.configuration.pool.size) PostgreSQL connections"))
            }
            return grant
        }
    }

    private func queue(_ ticket: UInt64) async -> PoolState<PostgresConnection>.Grant {
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                if let grant = state.withLock({ $0.wait(ticket, waiter) }) { waiter.resume(returning: grant) }
                // The handler may have run before there was anything to abandon.
                if Task.isCancelled { abandon(ticket) }
            }
        } onCancel: {
            abandon(ticket)
        }
    }

    private func abandon(_ ticket: UInt64) {
        state.withLock { $0.abandon(ticket) }?.resume(returning: .failed(.cancelled))
    }

    private func connect() async throws(PostgresError) -> PostgresConnection {
        do throws(PostgresError) {
            return try await PostgresConnection.connect(configuration, logger: logger)
        } catch {
            await release(nil)
            throw error
        }
    }

    private func giveBack(_ connection: PostgresConnection) async {
        if await connection.isReusable {
            await release(connection)
        } else {
            await connection.close()
            await release(nil)
        }
    }

    private func release(_ connection: PostgresConnection?) async {
        switch state.withLock({ $0.release(connection) }) {
        case .none: break
        case .resume(let waiter, let grant): waiter.resume(returning: grant)
        case .close(let connection): await connection.close()
        }
    }
}

extension PostgresPool: Service {
    /// Keeps the pool open until graceful shutdown or cancellation, then closes it.
    package func run() async throws {
        // Throws only when cancelled, which ends the pool as well.
        try? await gracefulShutdown()
        await close()
    }
}
