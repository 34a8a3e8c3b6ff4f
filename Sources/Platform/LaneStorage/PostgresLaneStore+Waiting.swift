package import Postgres
import Records
package import WorkerRuntime

/// Parked keys and requests.
extension PostgresLaneStore {
    package func news(of claims: [LaneClaim]) async throws -> LaneNews {
        let (sql, binds) = statements.news(of: claims)
        var news = LaneNews()
        for row in try await pool.execute(sql, binds) {
            let lane = try row.decode(Int32.self, at: 0)
            if try row.decode(Bool.self, at: 1) { news.requested.insert(lane) }
            if try row.decode(Bool.self, at: 2) { news.lost.insert(lane) }
        }
        return news
    }

    package func requests(of lane: Int32, maximumCount: Int, maximumBytes: Int) async throws -> [LaneRequest] {
        let (sql, binds) = statements.requests(of: lane, maximumCount, maximumBytes)
        return try await pool.execute(sql, binds).map(LaneRequest.init)
    }

    package func parkedRecords(
        behind key: [UInt8], lane: Int32, maximumCount: Int, maximumBytes: Int
    ) async throws -> [StoredRecord] {
        let (sql, binds) = statements.parkedRecords(behind: key, lane, maximumCount, maximumBytes)
        return try await pool.execute(sql, binds).map { row in
            StoredRecord(id: try row.decode(Int64.self, at: 0), record: try Record(row, from: 1))
        }
    }

    package func park(_ parking: Parking, lane: Int32, in transaction: PostgresTransaction) async throws {
        let (sql, binds) = statements.park(parking, lane)
        try await transaction.execute(sql, binds)
        if parking.records.isEmpty { return }
        try await transaction.copy(try statements.copy(parking.records, lane: lane))
    }

    package func settle(
        _ settlement: Settlement, lane: Int32, in transaction: PostgresTransaction
    ) async throws -> Bool {
        let rows = try await transaction.pipeline(statements.settle(settlement, lane))
        return rows[0].count == settlement.answers.count && rows[1].count == settlement.unparked.count
            && rows[2].count == settlement.removedLetters.count
    }
}

extension Record {
    /// Reads the columns `topic, partition, offset, record_time, key, value, header_names, header_values`.
    fileprivate init(_ row: PostgresRow, from first: Int) throws(PostgresError) {
        let names = try row.decode([String].self, at: first + 6)
        let values = try row.decode([[UInt8]?].self, at: first + 7)
        self.init(
            topic: try row.decode(String.self, at: first), partition: try row.decode(Int32.self, at: first + 1),
            offset: try row.decode(Int64.self, at: first + 2),
            timestampMilliseconds: try row.decode(PostgresTimestamp?.self, at: first + 3)?.milliseconds,
            key: try row.decode([UInt8]?.self, at: first + 4), value: try row.decode([UInt8]?.self, at: first + 5),
            headers: zip(names, values).map { Header($0, $1) })
    }
}

extension LaneRequest {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        let (id, action) = (try row.decode(Int64.self, at: 0), try row.decode(String.self, at: 1))
        switch action {
        case "redrive": self.init(id: id, action: .redrive(try StoredDeadLetter(row)))
        case "discard": self.init(id: id, action: .discard(try StoredDeadLetter(row)))
        case "park": self.init(id: id, action: .park(try row.decode([UInt8].self, at: 2)))
        case "unpark": self.init(id: id, action: .unpark(try row.decode([UInt8].self, at: 2)))
        default: throw .misuse("request \(id) asks for something unknown")
        }
    }
}

extension StoredDeadLetter {
    fileprivate init?(_ row: PostgresRow) throws(PostgresError) {
        guard let id = try row.decode(Int64?.self, at: 3) else { return nil }
        self.init(
            id: id,
            letter: DeadLetter(
                record: try Record(row, from: 10), reason: try row.decode(String.self, at: 5),
                detail: try row.decode(String.self, at: 6), attempts: Int(try row.decode(Int32.self, at: 7)),
                key: try row.decode([UInt8]?.self, at: 8), isOutgoing: try row.decode(Bool.self, at: 9)),
            previous: try row.decode(Int64?.self, at: 4))
    }
}
