package import Records

/// The two headers that number a published stream.
package enum SourceHeaders {
    /// The stream: `<group>/<lane>` of an outbox, `<raw topic>/<partition>` of derived records.
    package static let source = "source"
    /// The record's number in it: decimal digits, strictly increasing at first occurrence.
    package static let sequence = "source-seq"

    /// Adds both headers.
    package static func stamp(_ record: OutgoingRecord, source: String, sequence: Int64) -> OutgoingRecord {
        var stamped = record
        stamped.headers.append(Header(self.source, text: source))
        stamped.headers.append(Header(self.sequence, text: String(sequence)))
        return stamped
    }
}
