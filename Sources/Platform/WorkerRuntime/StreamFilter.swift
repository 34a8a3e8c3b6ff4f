import Records

/// Drops what was seen before: keeps the highest number of each stream, starting from what the lane has stored.
///
/// Pure. One filter serves one batch; a repetition of the batch starts a new one.
struct StreamFilter {
    enum Verdict: Equatable {
        case new
        /// The stream has come this far already.
        case seen
        /// The headers are there but can't be read; the text says what is wrong.
        case malformed(String)
    }

    private struct Key: Hashable {
        var topic: String
        var source: [UInt8]
    }

    private struct Stream {
        var key: Key
        var id: StreamID
        var last: Int64
        var changed = false
    }

    /// In bytes. A source is a key column of the lane's table, which holds no U+0000 either.
    static let longestSource = 255

    private let known: [StreamID: Int64]
    private var streams: [Stream] = []
    private var indices: [Key: Int] = [:]
    /// Records of one stream mostly follow each other.
    private var current = 0

    init(known: [StreamID: Int64]) {
        self.known = known
    }

    /// Highest number of each stream that moved.
    var moved: [StreamID: Int64] {
        Dictionary(uniqueKeysWithValues: streams.lazy.filter(\.changed).map { ($0.id, $0.last) })
    }

    /// Judges the next record and remembers its number. A record with neither header is new.
    mutating func admit(_ record: Record) -> Verdict {
        let source = record.headers.last { $0.name == SourceNumber.sourceHeader }
        let sequence = record.headers.last { $0.name == SourceNumber.sequenceHeader }
        if source == nil, sequence == nil { return .new }
        guard let source = source?.value, !source.isEmpty else { return .malformed("source is missing") }
        guard source.count <= Self.longestSource, !source.contains(0) else {
            return .malformed("source is longer than \(Self.longestSource) bytes or contains U+0000")
        }
        guard let digits = sequence?.value, let number = Self.number(digits) else {
            return .malformed("source-seq is not a decimal Int64")
        }
        guard let index = index(topic: record.topic, source: source) else { return .malformed("source is not UTF-8") }
        current = index
        guard number > streams[index].last else { return .seen }
        streams[index].last = number
        streams[index].changed = true
        return .new
    }

    private mutating func index(topic: String, source: [UInt8]) -> Int? {
        if current < streams.count, streams[current].key.source == source, streams[current].key.topic == topic {
            return current
        }
        let key = Key(topic: topic, source: source)
        if let index = indices[key] { return index }
        guard let name = String(validating: source, as: UTF8.self) else { return nil }
        let id = StreamID(topic: topic, source: name)
        streams.append(Stream(key: key, id: id, last: known[id] ?? -1))
        indices[key] = streams.count - 1
        return streams.count - 1
    }

    private static func number(_ digits: [UInt8]) -> Int64? {
        guard !digits.isEmpty, digits.count <= 19 else { return nil }
        var number: Int64 = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            let (tens, tooMany) = number.multipliedReportingOverflow(by: 10)
            let (sum, tooLarge) = tens.addingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
            guard !tooMany, !tooLarge else { return nil }
            number = sum
        }
        return number
    }
}
