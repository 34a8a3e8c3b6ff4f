import JSON

extension JSONWriter {
    /// Leaves the member out when there is no value, as `Codable` does.
    mutating func member(_ name: StaticString, _ value: (some FixedWidthInteger)?) {
        guard let value else { return }
        key(name)
        integer(value)
    }
}
