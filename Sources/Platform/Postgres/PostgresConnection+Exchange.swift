import CLibpq

/// Sending and receiving without blocking.
extension PostgresConnection {
    /// What became of waiting for the server's answers.
    enum Progress {
        case done
        case cancelled
        case timedOut
        case lost(String)
    }

    /// Sends what libpq has buffered, reading meanwhile so that neither side stalls on a full socket.
    func flush(_ handle: ConnectionHandle, deadline: ContinuousClock.Instant?, cancellable: Bool) async -> Progress {
        while true {
            switch handle.flush() {
            case .all: return .done
            case .some: break
            case .failed: return .lost(handle.message)
            }
            let socket = handle.socket
            switch await SocketWatcher.shared.wait(
                for: socket, [.read, .write], deadline: deadline, cancellable: cancellable)
            {
            case .ready: break
            case .timedOut: return .timedOut
            case .cancelled: return .cancelled
            }
            guard handle.consumeInput() else { return .lost(handle.message) }
        }
    }

    /// Waits for the next result. `nil` in `result` is libpq's end of one command's results.
    func nextResult(
        _ handle: ConnectionHandle, deadline: ContinuousClock.Instant?, cancellable: Bool
    ) async -> (progress: Progress, result: ResultHandle?) {
        while handle.isBusy {
            switch await SocketWatcher.shared.wait(
                for: handle.socket, .read, deadline: deadline, cancellable: cancellable)
            {
            case .ready: break
            case .timedOut: return (.timedOut, nil)
            case .cancelled: return (.cancelled, nil)
            }
            // After a failed read PQgetResult says why, with the server's last words if there were any.
            if !handle.consumeInput() { break }
        }
        guard let result = handle.nextResult() else {
            return handle.isBroken ? (.lost(handle.message), nil) : (.done, nil)
        }
        return (.done, result)
    }

    /// The error of a result, if it is one.
    func failure(of result: ResultHandle) -> PostgresError? {
        switch result.status {
        case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE, PGRES_NONFATAL_ERROR:
            result.serverError.map { .server($0) } ?? .connection(result.localMessage)
        default: nil
        }
    }

    /// Turns an interrupted wait into an error, after doing what is needed to use the connection again or dropping it.
    ///
    /// - Parameter drain: Reads the rest of the exchange; returns whether it came to its end.
    func recover(
        _ handle: ConnectionHandle, from progress: Progress,
        drain: (_ deadline: ContinuousClock.Instant) async -> Bool
    ) async -> PostgresError {
        switch progress {
        case .done: return .misuse("recovering from success")
        case .lost(let text):
            drop()
            return .connection(text)
        case .timedOut, .cancelled:
            let deadline = ContinuousClock.now + Self.drainTimeout
            var drained = false
            if let cancel = CancelHandle(handle) {
                let isAsked = await cancel.cancel(within: Self.drainTimeout)
                if isAsked { drained = await drain(deadline) }
            }
            if !drained { drop() }
            if case .cancelled = progress { return .cancelled }
            return .timedOut("a statement")
        }
    }
}
