import CLibpq

extension PostgresConnection {
    /// Sent at once; larger slices only make libpq's buffer grow, smaller ones cost calls.
    private static let sliceSize = 64 * 1024

    /// Copies rows into the buffer's table. Outside a transaction it commits by itself.
    ///
    /// - Returns: How many rows the server took.
    @discardableResult
    package func copy(_ buffer: PostgresCopyBuffer) async throws(PostgresError) -> Int {
        guard openTransaction == nil else { throw .misuse("use the transaction that is open on this connection") }
        return try await runCopy(buffer)
    }

    func runCopy(_ buffer: PostgresCopyBuffer) async throws(PostgresError) -> Int {
        if buffer.isEmpty { return 0 }
        if Task.isCancelled { throw .cancelled }
        let handle = try enter()
        defer { leave() }
        guard handle.sendScript(buffer.statement) else {
            throw .connection(handle.message)
        }
        var failure: PostgresError?
        var copied = 0
        let progress = await exchange(buffer, on: handle, &copied, &failure)
        if case .done = progress {
            if let failure { throw failure }
            return copied
        }
        if let failure, case .lost = progress {
            drop()
            throw failure
        }
        throw await recover(handle, from: progress) { deadline in
            // Ignored unless the copy is still open.
            _ = handle.putCopyEnd(failure: "cancelled")
            guard case .done = await flush(handle, deadline: deadline, cancellable: false) else { return false }
            return await drainSimple(handle, deadline)
        }
    }

    private func exchange(
        _ buffer: PostgresCopyBuffer, on handle: ConnectionHandle, _ copied: inout Int, _ failure: inout PostgresError?
    ) async -> Progress {
        var progress = await flush(handle, deadline: nil, cancellable: true)
        guard case .done = progress else { return progress }
        while true {
            let (progress, result) = await nextResult(handle, deadline: nil, cancellable: true)
            guard case .done = progress else { return progress }
            guard let result else { return .done }
            if result.status == PGRES_COPY_IN { break }
            failure = failure ?? self.failure(of: result)
            if handle.isBroken { return .lost(handle.message) }
        }
        progress = await sendRows(buffer, on: handle)
        guard case .done = progress else { return progress }
        while true {
            let (progress, result) = await nextResult(handle, deadline: nil, cancellable: true)
            guard case .done = progress else { return progress }
            guard let result else { return .done }
            if let error = self.failure(of: result) {
                failure = failure ?? error
            } else {
                copied = result.affectedRows
            }
            if handle.isBroken { return .lost(handle.message) }
        }
    }

    private func sendRows(_ buffer: PostgresCopyBuffer, on handle: ConnectionHandle) async -> Progress {
        let total = buffer.byteCount
        var sent = 0
        while sent < total {
            let size = min(Self.sliceSize, total - sent)
            let accepted = unsafe buffer.withUnsafeBytes { bytes in
                unsafe handle.putCopyData(UnsafeRawBufferPointer(rebasing: bytes[sent..<sent + size]))
            }
            guard accepted else { return .lost(handle.message) }
            sent += size
            let progress = await flush(handle, deadline: nil, cancellable: true)
            guard case .done = progress else { return progress }
        }
        // The file trailer, −1, is what ends binary data; PQputCopyEnd ends the transfer.
        let trailer: [Int8] = [-1, -1]
        guard unsafe trailer.withUnsafeBytes({ unsafe handle.putCopyData($0) }), handle.putCopyEnd() else {
            return .lost(handle.message)
        }
        return await flush(handle, deadline: nil, cancellable: true)
    }

    /// Reads on until a simple query has ended.
    func drainSimple(_ handle: ConnectionHandle, _ deadline: ContinuousClock.Instant) async -> Bool {
        while true {
            let (progress, result) = await nextResult(handle, deadline: deadline, cancellable: false)
            guard case .done = progress, !handle.isBroken else { return false }
            guard let result else { return true }
            if result.status == PGRES_COPY_IN {
                _ = handle.putCopyEnd(failure: "cancelled")
                guard case .done = await flush(handle, deadline: deadline, cancellable: false) else { return false }
            }
        }
    }
}
