package import Logging

/// One connection, used by one caller at a time.
///
/// All calls are made in libpq's non-blocking mode; waiting happens in ``SocketWatcher``. When a task is cancelled, the
/// statement is cancelled on the server and its answer drained, so the connection can be used again; if that takes too
/// long the connection is dropped.
package actor PostgresConnection {
    private var handle: ConnectionHandle?
    let logger: Logger
    let statementCacheCapacity: Int
    /// Names of prepared statements by text and parameter types.
    var preparedStatements: [StatementKey: String] = [:]
    var lastStatementNumber = 0
    private var busy = false
    /// Counts transactions; one that ended is recognised by its number.
    var transactionSerial = 0
    var openTransaction: Int?
    /// Set when this connection must not serve another caller, although it works.
    var mustNotBeReused = false

    struct StatementKey: Hashable {
        var sql: String
        var types: [PostgresType]
    }

    /// How long a cancelled or failed statement may take to end before the connection is dropped.
    static let drainTimeout: Duration = .seconds(5)
    /// How long COMMIT may take once the task is cancelled or the server is silent.
    static let commitTimeout: Duration = .seconds(30)

    private init(handle: ConnectionHandle, statementCacheCapacity: Int, logger: Logger) {
        self.handle = handle
        self.statementCacheCapacity = statementCacheCapacity
        self.logger = logger
    }

    /// Connects within the configuration's time-out.
    package static func connect(
        _ configuration: PostgresConfiguration, logger: Logger
    ) async throws(PostgresError) -> PostgresConnection {
        let handle = try await ConnectionHandle.connect(configuration)
        return PostgresConnection(
            handle: handle, statementCacheCapacity: configuration.statementCacheCapacity, logger: logger)
    }

    /// Closes it. Whatever is under way is undone by the server.
    package func close() { drop() }

    /// The number of the server's process, as `pg_stat_activity` shows it. 0 when closed.
    package var backendProcessID: Int32 { handle?.backendProcessID ?? 0 }

    /// Whether the connection can be given to another caller: alive, no transaction open, nothing under way.
    ///
    /// Looks at what has arrived without waiting, so a connection that the server closed meanwhile is noticed.
    var isReusable: Bool {
        guard let handle, !busy, !mustNotBeReused, openTransaction == nil, !handle.isBroken else { return false }
        // Twice: the first read may get the server's farewell, only the next one the end of the stream.
        guard handle.consumeInput(), handle.consumeInput() else { return false }
        return !handle.isBroken && handle.isIdle
    }

    func drop() {
        handle = nil
        preparedStatements = [:]
    }

    /// Claims the connection for one exchange with the server.
    func enter() throws(PostgresError) -> ConnectionHandle {
        guard !busy else { throw .misuse("two statements at once on one connection") }
        guard let handle else { throw .connection("closed") }
        busy = true
        return handle
    }

    func leave() {
        busy = false
        if handle?.isBroken == true { drop() }
    }
}
