/// Compares what a database says was applied with what this program would apply. Pure.
struct MigrationHistory: Sendable {
    struct Entry: Sendable, Hashable {
        var name: String
        var checksum: String
    }

    var schema: String
    /// In the order it was applied.
    var applied: [Entry]

    /// How many of `wanted` are applied already: the applied steps must be its beginning, unchanged.
    func appliedPrefix(of wanted: [Entry]) throws(MigrationError) -> Int {
        var names: Set<String> = []
        for entry in wanted where !names.insert(entry.name).inserted {
            throw .duplicate(schema: schema, step: entry.name)
        }
        let checksums = Dictionary(wanted.map { ($0.name, $0.checksum) }) { first, _ in first }
        for entry in applied {
            guard let checksum = checksums[entry.name] else { throw .unknown(schema: schema, step: entry.name) }
            guard checksum == entry.checksum else { throw .changed(schema: schema, step: entry.name) }
        }
        for (entry, step) in zip(applied, wanted) where entry.name != step.name {
            throw .missing(schema: schema, step: step.name, before: entry.name)
        }
        return applied.count
    }
}
