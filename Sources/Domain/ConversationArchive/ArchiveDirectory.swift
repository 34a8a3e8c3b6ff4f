package import Contracts

/// What the archive knows about the world besides the messages: which corps are ours and who works there.
package struct ArchiveDirectory: Sendable {
    /// Corps whose messages are archived.
    package let corps: Set<String>
    /// Nearly always empty, which keeps the look-up free for everybody else.
    package let disguised: [DisguisedEmployees]
    /// A hash of it all: under the same one, the same comes of a message.
    package let version: String

    /// Counts the ways to decode: another one accepts other messages, or makes other events of them.
    private static let decoding = "1"

    package init(corps: Set<String>, disguised: [DisguisedEmployees] = []) {
        self.corps = corps
        self.disguised = disguised
        var hash = StableHash()
        hash.combine("\(Self.decoding) \(corps.count)".utf8)
        for corp in corps.sorted() { hash.combine(corp.utf8) }
        for employees in disguised.sorted(by: { $0.corpID < $1.corpID }) { employees.combine(into: &hash) }
        version = hash.hexadecimal
    }

    /// Who an id is. The directory wins over the pattern.
    package func party(_ id: String, corpID: String) -> Party {
        let kind = SenderIdentity.kind(of: id)
        if kind != .employee, disguised.contains(where: { $0.corpID == corpID && $0.contains(id) }) {
            return Party(id: id, kind: .employee)
        }
        return Party(id: id, kind: kind)
    }
}

/// The employees of a corp whose userid looks like a customer's or a robot's.
package struct DisguisedEmployees: Sendable, Hashable {
    package var corpID: String
    /// In lower case: userids are compared without regard to case.
    private var ids: Set<String>

    package init(_ directory: DirectoryConfiguration) {
        corpID = directory.corpID
        ids = Set(
            directory.employees.lazy.map(\.id).filter { SenderIdentity.kind(of: $0) != .employee }
                .map { $0.lowercased() })
    }

    package var isEmpty: Bool { ids.isEmpty }

    func combine(into hash: inout StableHash) {
        // A number tells where a corp's employees begin.
        hash.combine("\(ids.count)".utf8)
        hash.combine(corpID.utf8)
        for id in ids.sorted() { hash.combine(id.utf8) }
    }

    func contains(_ id: String) -> Bool { ids.contains(id.lowercased()) }
}
