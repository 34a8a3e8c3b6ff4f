import CLibpq

extension PostgresConnection {
    /// Runs one statement in one round trip, its preparation included. Outside a transaction it commits by itself.
    @discardableResult
    package func execute(
        _ sql: String, _ binds: [PostgresValue] = []
    ) async throws(PostgresError) -> PostgresRows {
        try requireNoTransaction()
        return try await run([(sql, binds)])[0]
    }

    /// Runs several statements in one round trip. Outside a transaction they commit or fail together.
    ///
    /// Throws the error of the first that fails; later ones do not run.
    @discardableResult
    package func pipeline(
        _ statements: [(String, [PostgresValue])]
    ) async throws(PostgresError) -> [PostgresRows] {
        try requireNoTransaction()
        return try await run(statements)
    }

    private func requireNoTransaction() throws(PostgresError) {
        guard openTransaction == nil else { throw .misuse("use the transaction that is open on this connection") }
    }

    /// One step of a pipeline and what its answer means.
    private enum Step {
        case prepare(StatementKey, name: String)
        case execute
    }

    /// Runs statements as one pipeline.
    ///
    /// - Parameter cancellable: `false` for what ends a transaction.
    func run(
        _ statements: [(String, [PostgresValue])], deadline: ContinuousClock.Instant? = nil, cancellable: Bool = true
    ) async throws(PostgresError) -> [PostgresRows] {
        if statements.isEmpty { return [] }
        if cancellable, Task.isCancelled { throw .cancelled }
        var encoded: [(sql: String, parameters: PostgresParameters)] = []
        for (sql, binds) in statements { encoded.append((sql, try PostgresParameters(binds))) }

        let handle = try enter()
        defer { leave() }
        let steps: [Step]
        do throws(PostgresError) {
            steps = try send(encoded, on: handle)
        } catch {
            // A half-written pipeline cannot be taken back.
            drop()
            throw error
        }
        var progress = await flush(handle, deadline: deadline, cancellable: cancellable)
        var rows: [PostgresRows] = []
        var firstFailure: PostgresError?
        if case .done = progress {
            progress = await receive(handle, steps, deadline, cancellable, &rows, &firstFailure)
        }
        if case .done = progress {
            if !handle.exitPipeline() { drop() }
        } else if let firstFailure, case .lost = progress {
            drop()
            throw firstFailure
        } else {
            throw await recover(handle, from: progress) { deadline in
                guard case .done = await flush(handle, deadline: deadline, cancellable: false) else { return false }
                return await drainPipeline(handle, deadline)
            }
        }
        if let firstFailure { throw firstFailure }
        return rows
    }

    private func send(
        _ statements: [(sql: String, parameters: PostgresParameters)], on handle: ConnectionHandle
    ) throws(PostgresError) -> [Step] {
        var steps: [Step] = []
        var fresh: [StatementKey: String] = [:]
        func check(_ accepted: Bool) throws(PostgresError) {
            guard accepted else { throw .connection(handle.message) }
        }
        try check(handle.enterPipeline())
        for (sql, parameters) in statements {
            let key = StatementKey(sql: sql, types: parameters.types)
            var name = preparedStatements[key] ?? fresh[key]
            if name == nil, preparedStatements.count + fresh.count < statementCacheCapacity {
                lastStatementNumber += 1
                let new = "s\(lastStatementNumber)"
                try check(handle.sendPrepare(new, sql, parameters.types))
                steps.append(.prepare(key, name: new))
                fresh[key] = new
                name = new
            }
            try check(handle.sendExecute(sql, prepared: name, parameters))
            steps.append(.execute)
        }
        try check(handle.sendSync())
        return steps
    }

    private func receive(
        _ handle: ConnectionHandle, _ steps: [Step], _ deadline: ContinuousClock.Instant?, _ cancellable: Bool,
        _ rows: inout [PostgresRows], _ firstFailure: inout PostgresError?
    ) async -> Progress {
        for step in steps {
            // A command's results end with a nil.
            while true {
                let (progress, result) = await nextResult(handle, deadline: deadline, cancellable: cancellable)
                guard case .done = progress else { return progress }
                guard let result else { break }
                if let failure = failure(of: result) {
                    if firstFailure == nil { firstFailure = failure }
                    forgetStatements(after: failure)
                    if handle.isBroken { return .lost(handle.message) }
                } else if result.status != PGRES_PIPELINE_ABORTED {
                    switch step {
                    case .prepare(let key, let name): preparedStatements[key] = name
                    case .execute: rows.append(PostgresRows(result))
                    }
                }
            }
        }
        let (progress, result) = await nextResult(handle, deadline: deadline, cancellable: cancellable)
        guard case .done = progress else { return progress }
        guard result?.status == PGRES_PIPELINE_SYNC else { return .lost("the pipeline ended out of step") }
        return .done
    }

    /// A plan may have become invalid by a migration; the next attempt parses anew, on a new connection.
    private func forgetStatements(after failure: PostgresError) {
        switch failure.sqlState {
        case .featureNotSupported, .invalidStatementName: mustNotBeReused = true
        default: break
        }
    }

    /// Reads on to the end of the pipeline.
    private func drainPipeline(_ handle: ConnectionHandle, _ deadline: ContinuousClock.Instant) async -> Bool {
        while true {
            let (progress, result) = await nextResult(handle, deadline: deadline, cancellable: false)
            guard case .done = progress, !handle.isBroken else { return false }
            if result?.status == PGRES_PIPELINE_SYNC {
                return handle.exitPipeline()
            }
        }
    }
}
