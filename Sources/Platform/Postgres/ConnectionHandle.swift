import CLibpq

/// Owns one `PGconn`, which is closed with it, and gives libpq's calls safe Swift forms.
///
/// Sendable: libpq lets any thread use a connection as long as no two do at once
/// (https://www.postgresql.org/docs/15/libpq-threading.html); the actor that owns the handle sees to that.
@safe final class ConnectionHandle: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// Takes ownership.
    init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe PQfinish(pointer) }

    func withPointer<Result>(_ body: (OpaquePointer) -> Result) -> Result { unsafe body(pointer) }

    /// libpq may change it while connecting. −1 without a connection.
    var socket: Int32 { unsafe PQsocket(pointer) }
    var isBroken: Bool { unsafe PQstatus(pointer) == CONNECTION_BAD }
    var backendProcessID: Int32 { unsafe PQbackendPID(pointer) }
    /// No transaction open and no command under way.
    var isIdle: Bool { unsafe PQtransactionStatus(pointer) == PQTRANS_IDLE }

    /// What libpq last complained about. May quote host, port, user and database names.
    var message: String {
        guard let text = unsafe PQerrorMessage(pointer) else { return "" }
        return unsafe String(cString: text).trimmingNewlines
    }

    // MARK: Receiving

    /// Reads what has arrived. `false`: the connection is lost.
    func consumeInput() -> Bool { unsafe PQconsumeInput(pointer) == 1 }

    /// Whether ``nextResult()`` would block.
    var isBusy: Bool { unsafe PQisBusy(pointer) == 1 }

    /// `nil` at the end of one command's results.
    func nextResult() -> ResultHandle? {
        guard let result = unsafe PQgetResult(pointer) else { return nil }
        return unsafe ResultHandle(result)
    }

    // MARK: Sending; `false`: libpq refused, see `message`

    enum Flushed {
        case all
        case some
        case failed
    }

    /// Hands buffered bytes to the socket.
    func flush() -> Flushed {
        switch unsafe PQflush(pointer) {
        case 0: .all
        case 1: .some
        default: .failed
        }
    }

    func enterPipeline() -> Bool { unsafe PQenterPipelineMode(pointer) == 1 }
    func exitPipeline() -> Bool { unsafe PQexitPipelineMode(pointer) == 1 }
    func sendSync() -> Bool { unsafe PQpipelineSync(pointer) == 1 }

    func sendScript(_ sql: String) -> Bool { unsafe PQsendQuery(pointer, sql) == 1 }

    func sendPrepare(_ name: String, _ sql: String, _ types: [PostgresType]) -> Bool {
        unsafe PQsendPrepare(pointer, name, sql, Int32(types.count), types.map(\.rawValue)) == 1
    }

    /// Runs a prepared statement, or parses and runs `sql` if there is none. Results come in the binary format.
    func sendExecute(_ sql: String, prepared name: String?, _ parameters: PostgresParameters) -> Bool {
        unsafe parameters.withUnsafeArrays { values, lengths, formats, types in
            let count = Int32(parameters.count)
            return if let name {
                unsafe PQsendQueryPrepared(pointer, name, count, values, lengths, formats, 1) == 1
            } else {
                unsafe PQsendQueryParams(pointer, sql, count, types, values, lengths, formats, 1) == 1
            }
        }
    }

    func putCopyData(_ bytes: UnsafeRawBufferPointer) -> Bool {
        unsafe PQputCopyData(pointer, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count)) == 1
    }

    /// - Parameter failure: Makes the server refuse the copy.
    func putCopyEnd(failure: String? = nil) -> Bool { unsafe PQputCopyEnd(pointer, failure) == 1 }
}
