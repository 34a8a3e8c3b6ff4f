package import Contracts
import Logging
package import Postgres

/// One connection for each worker's schema, which may live on servers of their own. Connects when first used.
package final class FleetDatabases: Sendable {
    private let pools: [Schema: PostgresPool]

    package convenience init(_ settings: OperatorSettings) {
        self.init { PostgresConfiguration(connectionString: settings.databaseURLs[$0], applicationName: "scrm") }
    }

    package init(configurations: (Schema) -> PostgresConfiguration) {
        pools = Dictionary(
            uniqueKeysWithValues: Schema.allCases.map { schema in
                var configuration = configurations(schema)
                configuration.pool.size = 1
                var logger = Logger(label: "scrm")
                // A command says itself what failed.
                logger.logLevel = .critical
                return (schema, PostgresPool(configuration, logger: logger))
            })
    }

    /// Opens, runs `body`, closes.
    package static func with<Result>(
        _ settings: OperatorSettings, _ body: (FleetDatabases) async throws -> Result
    ) async throws -> Result {
        let databases = FleetDatabases(settings)
        do {
            let result = try await body(databases)
            await databases.close()
            return result
        } catch {
            await databases.close()
            throw error
        }
    }

    /// Runs one statement on the schema's database.
    package func query(_ schema: Schema, _ sql: String, _ binds: [PostgresValue] = []) async throws -> PostgresRows {
        try await withConnection(schema) { try await $0.execute(sql, binds) }
    }

    /// Lends the connection of the schema's database.
    package func withConnection<Result: Sendable>(
        _ schema: Schema, _ body: (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        guard let pool = pools[schema] else {
            throw OperatorFailure(.failure, "There is no schema \(schema.rawValue).")
        }
        do {
            return try await pool.withConnection(body)
        } catch let error as PostgresError {
            throw OperatorFailure(error, schema: schema)
        }
    }

    package func close() async {
        for pool in pools.values { await pool.close() }
    }
}

extension OperatorFailure {
    /// What a person can do about an error of the database.
    init(_ error: PostgresError, schema: Schema) {
        let variable = "DATABASE_URL_\(schema.rawValue.uppercased())"
        switch (error, error.sqlState?.rawValue) {
        case (.connection, _), (.timedOut, _), (_, "57P03"), (_, "53300"):
            self.init(
                .failure, "The database of schema \(schema.rawValue) can't be reached. \(error)",
                advice: "Check that PostgreSQL runs, and PG*, --database-url or \(variable).")
        case (_, "42P01"), (_, "3F000"), (_, "42703"):
            self.init(
                .failure, "The tables of schema \(schema.rawValue) are missing or old: \(error)",
                advice: "Run `scrm migrate` against this database first.")
        case (_, "42501"):
            self.init(
                .failure, "The database role may not do this in schema \(schema.rawValue): \(error)",
                advice: "Use the role that ran `scrm migrate`.")
        case (_, "28P01"), (_, "28000"), (_, "3D000"), (.configuration, _):
            self.init(
                .usage, "The database of schema \(schema.rawValue) refuses the log-in. \(error)",
                advice: "Check PG*, --database-url or \(variable).")
        default:
            self.init(.failure, "Schema \(schema.rawValue): \(error)")
        }
    }
}
