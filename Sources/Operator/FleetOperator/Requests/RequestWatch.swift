import Contracts
import WorkerHost

/// Waits for the lanes' owners to do what was asked of them.
struct RequestWatch {
    let operation: Int64
    let schema: Schema
    let databases: FleetDatabases
    /// How long nothing may get done.
    let patience: Duration
    let console: Console

    /// - Parameter more: called in each round with the tally; asks for more if it is time.
    /// - Returns: the last tally, and whether everything was done in time.
    func run(
        _ more: (RequestTally) async throws -> Bool = { _ in false }
    ) async throws -> (tally: RequestTally, isFinished: Bool) {
        var last = RequestTally()
        var changedAt = ContinuousClock.now
        while true {
            let tally = try await RequestTally.read(operation, schema, databases)
            if tally != last { (last, changedAt) = (tally, .now) }
            console.progress("\(schema.program): \(tally.text)")
            let expectsMore = try await more(tally)
            if tally.waiting == 0, !expectsMore {
                console.endProgress()
                return (tally, true)
            }
            if ContinuousClock.now - changedAt > patience {
                console.endProgress()
                return (tally, false)
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Why nothing gets done.
    func reproach() async throws -> OperatorFailure {
        let copies = try await Heartbeat.live(schema, databases)
        let cause =
            copies.isEmpty
            ? "no copy of \(schema.program) is alive"
            : copies.first { $0.status.state != "running" }?.status.waitingFor ?? "\(schema.program) is alive but busy"
        return OperatorFailure(
            .notReached, "Not everything is done yet: \(cause).",
            advice: "What was asked for is kept and will be done. The same command goes on where this one stood.")
    }
}
