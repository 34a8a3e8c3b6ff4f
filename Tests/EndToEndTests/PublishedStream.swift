import Contracts
import Foundation
import Records

/// What a consumer that keeps the promise sees of a numbered topic: each number of a stream once, at first occurrence.
struct PublishedStream {
    /// In order, partition by partition.
    var first: [Record] = []
    /// Records whose number had been seen: repetitions on the wire.
    var repeated = 0
    /// Numbers at first occurrence, by stream, in the order of one partition.
    var numbers: [String: [Int64]] = [:]

    init(_ partitions: [[Record]]) {
        for records in partitions {
            var last: [String: Int64] = [:]
            for record in records {
                let source = record.header(HeaderNames.source).map { String(decoding: $0, as: UTF8.self) } ?? ""
                let text = record.header(HeaderNames.sourceSequence).map { String(decoding: $0, as: UTF8.self) } ?? ""
                let number = Int64(text) ?? -1
                guard number > last[source, default: .min] else {
                    repeated += 1
                    continue
                }
                last[source] = number
                first.append(record)
                numbers[source, default: []].append(number)
            }
        }
    }

    func decode<Event: Decodable>(_ type: Event.Type) throws -> [Event] {
        try first.map { try JSONDecoder().decode(type, from: Data($0.value ?? [])) }
    }
}
