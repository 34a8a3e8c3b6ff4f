package import Contracts
import Postgres

/// Brings a worker's schema and role up to date.
package enum SchemaMigration {
    /// - Parameter rolePassword: set for the worker's role; `nil` leaves it as it is.
    /// - Returns: names of the steps applied now.
    package static func apply(
        _ schema: Schema, _ databases: FleetDatabases, rolePassword: String? = nil
    ) async throws -> [String] {
        try await run(schema, databases) { connection in
            let applied = try await Migrator.apply(steps(schema), schema: schema.rawValue, on: connection)
            try await connection.withTransaction { transaction in
                // Two grants at once on one object fail with "tuple concurrently updated".
                try await transaction.execute(
                    "SELECT pg_advisory_xact_lock(hashtextextended('roles of scrm', 0))")
                try await transaction.executeScript(SchemaRole.sql(for: schema))
                if let rolePassword {
                    // ALTER ROLE takes no parameters; the server quotes for us.
                    let statement = try await transaction.execute(
                        "SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text)",
                        [.text(schema.role), .text(rolePassword)])
                    try await transaction.executeScript(try statement[0].decode(String.self, at: 0))
                }
            }
            return applied
        }
    }

    /// - Returns: names of the steps that would be applied.
    package static func pending(_ schema: Schema, _ databases: FleetDatabases) async throws -> [String] {
        try await run(schema, databases) { connection in
            try await Migrator.pending(steps(schema), schema: schema.rawValue, on: connection)
        }
    }

    private static func run(
        _ schema: Schema, _ databases: FleetDatabases, _ body: (PostgresConnection) async throws -> [String]
    ) async throws -> [String] {
        do {
            return try await databases.withConnection(schema, body)
        } catch let error as MigrationError {
            throw OperatorFailure(.failure, "\(error)", advice: "Nothing was changed in schema \(schema.rawValue).")
        }
    }

    private static func steps(_ schema: Schema) -> [MigrationStep] {
        Migrations.all(for: schema).map { MigrationStep(name: $0.name, sql: $0.sql) }
    }
}
