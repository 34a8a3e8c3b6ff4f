extension PostgresConnection {
    /// Runs a text of any number of statements without parameters, such as a migration. Outside a transaction they
    /// commit or fail together. Rows are discarded.
    package func executeScript(_ sql: String) async throws(PostgresError) {
        guard openTransaction == nil else { throw .misuse("use the transaction that is open on this connection") }
        try await runScript(sql)
    }

    func runScript(_ sql: String) async throws(PostgresError) {
        if Task.isCancelled { throw .cancelled }
        let handle = try enter()
        defer { leave() }
        guard handle.sendScript(sql) else { throw .connection(handle.message) }
        var failure: PostgresError?
        var progress = await flush(handle, deadline: nil, cancellable: true)
        while case .done = progress {
            let (next, result) = await nextResult(handle, deadline: nil, cancellable: true)
            progress = next
            guard case .done = progress else { break }
            guard let result else {
                if let failure { throw failure }
                return
            }
            failure = failure ?? self.failure(of: result)
            if handle.isBroken { progress = .lost(handle.message) }
        }
        if let failure, case .lost = progress {
            drop()
            throw failure
        }
        throw await recover(handle, from: progress) { deadline in await drainSimple(handle, deadline) }
    }
}
