/// A record's number in a published stream. Consumers drop what does not have a greater number than the last they saw.
package struct SourceNumber: Sendable, Hashable {
    /// Header with the stream: `<group>/<lane>` of an outbox, `<raw topic>/<partition>` of derived records.
    package static let sourceHeader = "source"
    /// Header with the number: decimal digits, strictly increasing at first occurrence.
    package static let sequenceHeader = "source-seq"

    package var source: String
    package var sequence: Int64

    package init(source: String, sequence: Int64) {
        self.source = source
        self.sequence = sequence
    }

    package var headers: [Header] {
        [Header(Self.sourceHeader, text: source), Header(Self.sequenceHeader, text: String(sequence))]
    }

    /// What the headers weigh, at most.
    package var byteCount: Int {
        Self.sourceHeader.utf8.count + Self.sequenceHeader.utf8.count + source.utf8.count + 19
    }
}
