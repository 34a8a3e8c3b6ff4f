import Contracts
import Foundation
import Logging
package import Postgres

/// A database of one test, on the server that the `PG*` variables name.
package struct TestDatabase: Sendable {
    package let name: String

    /// Runs `body` with a fresh database, which is dropped afterwards, also when `body` throws.
    ///
    /// - Parameters:
    ///   - migrated: Whether it has the tables and roles of every schema; otherwise it is empty.
    ///   - tablespace: Where it is kept; by default where the server keeps everything.
    @discardableResult
    package static func withDatabase<Result: Sendable>(
        migrated: Bool = true, tablespace: String? = nil, _ body: (TestDatabase) async throws -> Result
    ) async throws -> Result {
        let database = TestDatabase(name: "scrm_test_" + String(UInt64.random(in: .min ... .max), radix: 36))
        let template = migrated ? try await TestTemplate.shared.name() : "template1"
        let place = tablespace.map { " TABLESPACE \($0)" } ?? ""
        try await withServer { server in
            try await eventually("nobody is connected to \(template)") {
                do {
                    try await server.execute("CREATE DATABASE \(database.name) TEMPLATE \(template)\(place)")
                    return true
                } catch let error as PostgresError where error.sqlState == .objectInUse {
                    // A session that is ending, or the server's own clean-up, longer than the five seconds it waits.
                    return false
                }
            }
        }
        do {
            let result = try await body(database)
            await database.drop()
            return result
        } catch {
            await database.drop()
            throw error
        }
    }

    /// How to connect to it.
    package func configuration(user: String? = nil, poolSize: Int = 4) -> PostgresConfiguration {
        var configuration = PostgresConfiguration(database: name, user: user, applicationName: "tests")
        configuration.pool.size = poolSize
        return configuration.patient()
    }

    /// Runs `body` with a pool that is closed afterwards.
    @discardableResult
    package func withPool<Result: Sendable>(
        user: String? = nil, size: Int = 4, _ body: (PostgresPool) async throws -> Result
    ) async throws -> Result {
        try await Self.withPool(configuration(user: user, poolSize: size), body)
    }

    /// Runs `body` with a pool that is closed afterwards.
    @discardableResult
    package static func withPool<Result: Sendable>(
        _ configuration: PostgresConfiguration, _ body: (PostgresPool) async throws -> Result
    ) async throws -> Result {
        let pool = PostgresPool(configuration)
        do {
            let result = try await body(pool)
            await pool.close()
            return result
        } catch {
            await pool.close()
            throw error
        }
    }

    /// Runs `body` with a connection of its own to the server's maintenance database.
    @discardableResult
    package static func withServer<Result: Sendable>(
        database: String = "postgres", _ body: (PostgresConnection) async throws -> Result
    ) async throws -> Result {
        let configuration = PostgresConfiguration(database: database, applicationName: "tests")
        let server = try await PostgresConnection.connect(configuration.patient(), logger: Logger(label: "tests"))
        do {
            let result = try await body(server)
            await server.close()
            return result
        } catch {
            await server.close()
            throw error
        }
    }

    private func drop() async {
        // Unstructured, because a test that ran out of time is cancelled and must not leave its database behind.
        let dropping = Task {
            try await Self.withServer { server in
                try await server.execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
            }
        }
        do {
            _ = try await dropping.value
        } catch {
            print("could not drop the test database \(name): \(error)")
        }
    }
}

extension PostgresConfiguration {
    /// The same with patient limits. Hundreds of tests begin at once and share two threads: that no answer was looked at,
    /// or that a transaction waits long for its next statement, says nothing of the server.
    package func patient() -> PostgresConfiguration {
        var patient = self
        patient.connectTimeout = Patience.limit
        patient.idleInTransactionTimeout = Patience.limit
        patient.networkTimeout = Patience.limit
        patient.pool.waitTimeout = Patience.limit
        return patient
    }
}

/// The migrated database that tests' databases are copied from: made once for each state of the migrations, kept on the
/// server for later runs.
private actor TestTemplate {
    static let shared = TestTemplate()

    private var building: Task<String, any Error>?

    func name() async throws -> String {
        let building = building ?? Task { try await Self.build() }
        self.building = building
        return try await building.value
    }

    private static func build() async throws -> String {
        let name = "scrm_template_" + String(fingerprint, radix: 36)
        return try await TestDatabase.withServer { server in
            // Several test processes may start at once. The lock ends with the connection.
            try await server.execute("SELECT pg_advisory_lock(hashtextextended($1, 0))", [.text(name)])
            let found = try await server.execute(
                "SELECT datistemplate FROM pg_database WHERE datname = $1", [.text(name)])
            if let row = found.first {
                if try row.decode(Bool.self, at: 0) { return name }
                // Left half-made by a process that ended.
                try await server.execute("DROP DATABASE \(name) WITH (FORCE)")
            }
            try await server.execute("CREATE DATABASE \(name)")
            try await TestDatabase.withServer(database: name) { connection in
                for schema in Schema.allCases {
                    try await Migrator.apply(steps(of: schema), schema: schema.rawValue, on: connection)
                    try await connection.executeScript(SchemaRole.sql(for: schema))
                }
            }
            try await server.execute("ALTER DATABASE \(name) IS_TEMPLATE true")
            return name
        }
    }

    private static func steps(of schema: Schema) -> [MigrationStep] {
        Migrations.all(for: schema).map { MigrationStep(name: $0.name, sql: $0.sql) }
    }

    /// FNV-1a over everything that makes the template.
    private static var fingerprint: UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for schema in Schema.allCases {
            let texts = steps(of: schema).flatMap { [$0.name, $0.sql] } + [SchemaRole.sql(for: schema)]
            for byte in texts.joined(separator: "\0").utf8 {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
            }
        }
        return hash
    }
}
