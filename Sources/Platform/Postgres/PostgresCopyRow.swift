/// One row in COPY's binary format, encoded apart from a ``PostgresCopyBuffer`` and appended to one as it is.
package struct PostgresCopyRow: Sendable {
    let columnCount: Int
    let bytes: [UInt8]

    package var byteCount: Int { bytes.count }
}
