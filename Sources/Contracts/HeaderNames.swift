/// Names of record headers.
package enum HeaderNames {
    /// The stream a record belongs to.
    package static let source = "source"
    /// Its number in that stream, decimal Int64, strictly increasing at first occurrence.
    package static let sourceSequence = "source-seq"
    package static let eventType = "event-type"
    package static let corpID = "corp-id"
    package static let traceParent = "traceparent"
}
