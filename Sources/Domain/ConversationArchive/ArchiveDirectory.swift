package import Contracts

/// What the archive knows about the world besides the messages: which corps are ours and who works there.
package struct ArchiveDirectory: Sendable {
    /// Corps whose messages are archived.
    package var corps: Set<String>
    /// By corp: employees whose userid looks like an outsider's, in lower case. Nearly always empty, which keeps the
    /// look-up free for everybody else.
    private var disguisedEmployees: [String: Set<String>] = [:]

    package init(corps: Set<String>, directories: [DirectoryConfiguration] = []) {
        self.corps = corps
        for directory in directories {
            let disguised = directory.employees.lazy.map(\.id).filter { SenderIdentity.kind(of: $0) != .employee }
            let ids = Set(disguised.map { $0.lowercased() })
            if !ids.isEmpty { disguisedEmployees[directory.corpID, default: []].formUnion(ids) }
        }
    }

    /// The directory wins over the pattern.
    package func party(_ id: String, corpID: String) -> Party {
        let kind = SenderIdentity.kind(of: id)
        if kind != .employee, !disguisedEmployees.isEmpty,
            disguisedEmployees[corpID]?.contains(id.lowercased()) == true
        {
            return Party(id: id, kind: .employee)
        }
        return Party(id: id, kind: kind)
    }
}
