/// Who has what of a pool. Pure: the pool holds the lock, takes the answer out, and acts after unlocking.
///
/// A place is either lent to a caller (who may still have to connect) or idle; callers beyond `size` queue up.
struct PoolState<Connection: Sendable>: Sendable {
    /// What a caller may do.
    enum Grant: Sendable {
        case reuse(Connection)
        /// The place is theirs, the connection is still to be made.
        case connect
        case failed(PostgresError)
    }

    typealias Waiter = CheckedContinuation<Grant, Never>

    enum Claim: Sendable {
        case granted(Grant)
        /// Wait under this ticket.
        case queued(UInt64)
    }

    enum Release: Sendable {
        case none
        case resume(Waiter, Grant)
        case close(Connection)
    }

    private let size: Int
    private var lent = 0
    /// Used from the end, so that what is not needed stays idle.
    private var idle: [Connection] = []
    private var queue: [UInt64] = []
    private var waiters: [UInt64: Waiter] = [:]
    /// Granted before the caller had begun to wait.
    private var early: [UInt64: Grant] = [:]
    private var lastTicket: UInt64 = 0
    private var isClosed = false

    init(size: Int) {
        precondition(size > 0)
        self.size = size
    }

    var waitingCount: Int { queue.count }

    mutating func claim() -> Claim {
        if isClosed { return .granted(.failed(.closed)) }
        if lent < size, queue.isEmpty {
            lent += 1
            return .granted(idle.popLast().map { .reuse($0) } ?? .connect)
        }
        lastTicket += 1
        queue.append(lastTicket)
        return .queued(lastTicket)
    }

    /// Begins to wait. A returned grant is to be resumed at once.
    mutating func wait(_ ticket: UInt64, _ waiter: Waiter) -> Grant? {
        if let grant = early.removeValue(forKey: ticket) { return grant }
        guard queue.contains(ticket) else { return .failed(isClosed ? .closed : .cancelled) }
        waiters[ticket] = waiter
        return nil
    }

    /// Stops waiting, unless the grant was already made.
    mutating func abandon(_ ticket: UInt64) -> Waiter? {
        guard let index = queue.firstIndex(of: ticket) else { return nil }
        queue.remove(at: index)
        return waiters.removeValue(forKey: ticket)
    }

    /// Takes a place back, with its connection if that is still good.
    mutating func release(_ connection: Connection?) -> Release {
        if isClosed {
            lent -= 1
            return connection.map { .close($0) } ?? .none
        }
        guard let next = queue.first else {
            lent -= 1
            if let connection { idle.append(connection) }
            return .none
        }
        queue.removeFirst()
        let grant: Grant = connection.map { .reuse($0) } ?? .connect
        if let waiter = waiters.removeValue(forKey: next) { return .resume(waiter, grant) }
        early[next] = grant
        return .none
    }

    /// From now on nothing is lent. Returns what is to be closed and who is to be told.
    mutating func close() -> (idle: [Connection], waiters: [Waiter]) {
        isClosed = true
        let result = (idle, Array(waiters.values))
        idle = []
        waiters = [:]
        queue = []
        return result
    }
}
