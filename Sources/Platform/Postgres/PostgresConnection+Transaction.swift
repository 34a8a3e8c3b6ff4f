extension PostgresConnection {
    /// Runs `body` in a transaction: commits when it returns, rolls back when it throws or the task is cancelled.
    ///
    /// - Parameter opening: Statements sent together with BEGIN, in the same round trip. If one fails, `body` is not
    ///   called.
    /// - Throws: What `body` threw, or ``PostgresError``; ``PostgresError/commitUnknown(_:)`` if the connection was lost
    ///   during COMMIT.
    @discardableResult
    package nonisolated func withTransaction<Result: Sendable>(
        opening: [(String, [PostgresValue])] = [], _ body: (PostgresTransaction) async throws -> Result
    ) async throws -> Result {
        let transaction = try await begin(opening)
        let result: Result
        do {
            result = try await body(transaction)
        } catch {
            await rollBack(transaction.serial)
            throw error
        }
        try await commit(transaction.serial)
        return result
    }

    private func begin(_ opening: [(String, [PostgresValue])]) async throws(PostgresError) -> PostgresTransaction {
        guard openTransaction == nil else { throw .misuse("a transaction is already open on this connection") }
        transactionSerial += 1
        let serial = transactionSerial
        openTransaction = serial
        do throws(PostgresError) {
            _ = try await run([("BEGIN", [])] + opening)
        } catch {
            await rollBack(serial)
            throw error
        }
        return PostgresTransaction(connection: self, serial: serial)
    }

    /// Also runs in a cancelled task. If the server does not answer, the connection is dropped, which ends the
    /// transaction too.
    private func rollBack(_ serial: Int) async {
        guard openTransaction == serial else { return }
        openTransaction = nil
        do throws(PostgresError) {
            _ = try await run(
                [("ROLLBACK", [])], deadline: .now + Self.drainTimeout, cancellable: false)
        } catch {
            drop()
        }
    }

    private func commit(_ serial: Int) async throws(PostgresError) {
        guard openTransaction == serial else { throw .misuse("the transaction has ended") }
        if Task.isCancelled {
            await rollBack(serial)
            throw .cancelled
        }
        openTransaction = nil
        let rows: [PostgresRows]
        do throws(PostgresError) {
            // Not cancellable: a commit that is on its way cannot be called back, only waited for.
            rows = try await run([("COMMIT", [])], deadline: .now + Self.commitTimeout, cancellable: false)
        } catch {
            switch error {
            case .server(let report) where !report.endsSession: throw error
            case .misuse, .unencodable, .configuration: throw error
            default:
                drop()
                throw .commitUnknown("\(error)")
            }
        }
        guard rows.first?.command == "COMMIT" else { throw .rolledBack }
    }

    private func check(_ serial: Int) throws(PostgresError) {
        guard openTransaction == serial else { throw .misuse("the transaction has ended") }
    }

    func run(
        _ statements: [(String, [PostgresValue])], in serial: Int
    ) async throws(PostgresError) -> [PostgresRows] {
        try check(serial)
        return try await run(statements)
    }

    func copy(_ buffer: PostgresCopyBuffer, in serial: Int) async throws(PostgresError) -> Int {
        try check(serial)
        return try await runCopy(buffer)
    }

    func script(_ sql: String, in serial: Int) async throws(PostgresError) {
        try check(serial)
        try await runScript(sql)
    }
}
