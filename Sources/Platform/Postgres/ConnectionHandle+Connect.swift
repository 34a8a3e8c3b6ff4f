import CLibpq

extension ConnectionHandle {
    /// Connects without blocking a thread, except for name resolution, which libpq does in the call.
    ///
    /// Of several hosts each gets the whole time-out, in their order: libpq would go on to the next only when the
    /// network says no, and a host that has vanished says nothing.
    static func connect(_ configuration: PostgresConfiguration) async throws(PostgresError) -> ConnectionHandle {
        if let string = configuration.connectionString { try validate(string) }
        let hosts = ConnectionHost.all(in: configuration)
        for host in hosts.dropLast() {
            do throws(PostgresError) {
                return try await connect(configuration, to: host)
            } catch {
                guard case .connection = error else { throw error }
            }
        }
        return try await connect(configuration, to: hosts.last)
    }

    /// - Parameter host: `nil`: as the configuration says.
    private static func connect(
        _ configuration: PostgresConfiguration, to host: ConnectionHost?
    ) async throws(PostgresError) -> ConnectionHandle {
        let deadline = ContinuousClock.now + configuration.connectTimeout
        let handle = try start(configuration.parameters + (host?.parameters ?? []))
        unsafe _ = handle.withPointer { unsafe PQsetNoticeProcessor($0, { _, _ in }, nil) }
        var waitFor = SocketWatcher.Interest.write
        while true {
            if handle.isBroken { throw .connection(handle.message) }
            switch await SocketWatcher.shared.wait(for: handle.socket, waitFor, deadline: deadline) {
            case .timedOut: throw .connection("no answer within \(configuration.connectTimeout)")
            case .cancelled: throw .cancelled
            case .ready: break
            }
            switch unsafe handle.withPointer({ unsafe PQconnectPoll($0) }) {
            case PGRES_POLLING_READING: waitFor = .read
            case PGRES_POLLING_WRITING: waitFor = .write
            case PGRES_POLLING_OK:
                guard unsafe handle.withPointer({ unsafe PQsetnonblocking($0, 1) }) == 0 else {
                    throw .connection(handle.message)
                }
                return handle
            default: throw .connection(handle.message)
            }
        }
    }

    private static func start(
        _ parameters: [(name: String, value: String)]
    ) throws(PostgresError) -> ConnectionHandle {
        let pointer = unsafe withCStrings(parameters.map(\.name)) { names in
            unsafe withCStrings(parameters.map(\.value)) { values in
                // 1: a connection string in the first `dbname` is expanded; later names override what it says.
                unsafe PQconnectStartParams(names, values, 1)
            }
        }
        guard let pointer = unsafe pointer else { throw .connection("out of memory") }
        return unsafe ConnectionHandle(pointer)
    }

    /// libpq's own message about a malformed string quotes it, with the password.
    private static func validate(_ string: String) throws(PostgresError) {
        guard string.contains("=") || string.contains("://") else { return }
        guard let options = unsafe PQconninfoParse(string, nil) else {
            throw .configuration("the database URL is malformed")
        }
        unsafe PQconninfoFree(options)
    }
}

/// A null-terminated array of C strings, valid during the call.
private func withCStrings<Result>(_ strings: [String], _ body: ([UnsafePointer<CChar>?]) -> Result) -> Result {
    let bytes = strings.flatMap { Array($0.utf8CString) }
    return unsafe bytes.withUnsafeBufferPointer { buffer in
        var pointers: [UnsafePointer<CChar>?] = unsafe []
        var offset = 0
        for string in strings {
            unsafe pointers.append(buffer.baseAddress.map { unsafe $0 + offset })
            offset += string.utf8.count + 1
        }
        unsafe pointers.append(nil)
        return unsafe body(pointers)
    }
}
