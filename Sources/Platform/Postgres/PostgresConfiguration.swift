/// How to reach a database, and the limits every connection keeps.
package struct PostgresConfiguration: Sendable {
    /// A `postgres://` URL or `key=value` string; secret. `nil`: libpq's `PG*` variables and defaults alone, which also
    /// fill what a given string leaves out.
    package var connectionString: String?
    /// Overrides the database's name.
    package var database: String?
    /// Overrides the role to log in as.
    package var user: String?
    /// What `pg_stat_activity` shows: the worker's name.
    package var applicationName: String
    package var connectTimeout: Duration = .seconds(10)
    /// How long the server waits for us inside a transaction. It cannot free a server stuck in COPY.
    package var idleInTransactionTimeout: Duration = .seconds(30)
    /// How long sent data may stay unacknowledged before the connection counts as lost, on both sides.
    package var networkTimeout: Duration = .seconds(20)
    /// Further server settings for every session, by name.
    package var serverSettings: [String: String] = [:]
    /// Statements kept prepared by each connection; further ones are parsed each time.
    package var statementCacheCapacity = 256
    package var pool = Pool()

    package struct Pool: Sendable {
        /// Connections at most.
        package var size = 4
        /// How long a caller waits for a free connection.
        package var waitTimeout: Duration = .seconds(30)

        package init(size: Int = 4, waitTimeout: Duration = .seconds(30)) {
            self.size = size
            self.waitTimeout = waitTimeout
        }
    }

    package init(connectionString: String? = nil, database: String? = nil, user: String? = nil, applicationName: String)
    {
        self.connectionString = connectionString
        self.database = database
        self.user = user
        self.applicationName = applicationName
    }

    /// libpq's parameters. Later ones win, so what `dbname` expands to comes first.
    var parameters: [(name: String, value: String)] {
        let network = networkTimeout.wholeMilliseconds
        var settings = serverSettings
        settings["idle_in_transaction_session_timeout"] = "\(idleInTransactionTimeout.wholeMilliseconds)"
        settings["tcp_user_timeout"] = "\(network)"
        settings["tcp_keepalives_idle"] = "5"
        settings["tcp_keepalives_interval"] = "5"
        settings["tcp_keepalives_count"] = "3"
        // The server notices a vanished client also while it works or waits for a lock.
        settings["client_connection_check_interval"] = "5000"
        let options = settings.sorted { $0.key < $1.key }.map { "-c \($0.key)=\(Self.escaped($0.value))" }
        var parameters: [(name: String, value: String)] = []
        if let connectionString { parameters.append(("dbname", connectionString)) }
        if let database { parameters.append(("dbname", database)) }
        if let user { parameters.append(("user", user)) }
        parameters += [
            ("application_name", applicationName),
            ("client_encoding", "UTF8"),
            ("keepalives_idle", "5"),
            ("keepalives_interval", "5"),
            ("keepalives_count", "3"),
            ("tcp_user_timeout", "\(network)"),
            ("options", options.joined(separator: " ")),
        ]
        return parameters
    }

    /// https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNECT-OPTIONS
    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing(" ", with: "\\ ")
    }
}

extension Duration {
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
