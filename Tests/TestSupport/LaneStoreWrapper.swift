package import WorkerRuntime

/// A store that passes everything on to another, except for what a test changes.
package protocol LaneStoreWrapper: LaneStore {
    associatedtype Base: LaneStore where Base.Transaction == Transaction

    var base: Base { get }
}

extension LaneStoreWrapper {
    package func take(_ lanes: [Int32]) async throws -> [LaneState] { try await base.take(lanes) }

    package func read(_ lane: Int32) async throws -> LaneState { try await base.read(lane) }

    package func transaction<Result: Sendable>(
        _ advance: LaneAdvance, _ body: (Transaction) async throws -> Result
    ) async throws -> Result {
        try await base.transaction(advance, body)
    }

    package func transaction<Result: Sendable>(
        together advances: [LaneAdvance], _ body: (Transaction) async throws -> Result
    ) async throws -> Result {
        try await base.transaction(together: advances, body)
    }

    package func append(_ entries: [OutboxEntry], lane: Int32, in transaction: Transaction) async throws {
        try await base.append(entries, lane: lane, in: transaction)
    }

    package func nextSequence(of lane: Int32, in transaction: Transaction) async throws -> Int64 {
        try await base.nextSequence(of: lane, in: transaction)
    }

    package func renumber(
        _ lane: Int32, under configuration: String, by step: Int64, in transaction: Transaction
    ) async throws -> [String: Int64] {
        try await base.renumber(lane, under: configuration, by: step, in: transaction)
    }

    package func putAside(
        _ sequence: Int64, lane: Int32, as deadLetter: DeadLetter, in transaction: Transaction
    ) async throws {
        try await base.putAside(sequence, lane: lane, as: deadLetter, in: transaction)
    }

    package func insert(_ deadLetters: [DeadLetter], lane: Int32, in transaction: Transaction) async throws {
        try await base.insert(deadLetters, lane: lane, in: transaction)
    }

    package func news(of claims: [LaneClaim]) async throws -> LaneNews {
        try await base.news(of: claims)
    }

    package func requests(of lane: Int32, maximumCount: Int, maximumBytes: Int) async throws -> [LaneRequest] {
        try await base.requests(of: lane, maximumCount: maximumCount, maximumBytes: maximumBytes)
    }

    package func parkedRecords(
        behind key: [UInt8], lane: Int32, maximumCount: Int, maximumBytes: Int
    ) async throws -> [StoredRecord] {
        try await base.parkedRecords(behind: key, lane: lane, maximumCount: maximumCount, maximumBytes: maximumBytes)
    }

    package func park(_ parking: Parking, lane: Int32, in transaction: Transaction) async throws {
        try await base.park(parking, lane: lane, in: transaction)
    }

    package func settle(_ settlement: Settlement, lane: Int32, in transaction: Transaction) async throws -> Bool {
        try await base.settle(settlement, lane: lane, in: transaction)
    }
}
