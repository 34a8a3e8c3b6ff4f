import Contracts
package import ConversationArchive
import Foundation

/// How the values of the configuration topics are read.
extension ArchiveIngest {
    /// Ids of the corps in a value of `config.corps.v1`.
    package static func corpIDs(in value: [UInt8]) throws -> Set<String> {
        Set(try JSONDecoder().decode(CorpsConfiguration.self, from: Data(value)).corps.map(\.id))
    }

    /// What the archive needs of a value of `config.directory.v1`.
    package static func disguisedEmployees(in value: [UInt8]) throws -> DisguisedEmployees {
        DisguisedEmployees(try JSONDecoder().decode(DirectoryConfiguration.self, from: Data(value)))
    }

    /// Joins what is in force. Costs next to nothing, since it is asked for each record.
    package static func directory(
        corps: some Sequence<Set<String>>, disguised: some Sequence<DisguisedEmployees>
    ) -> ArchiveDirectory {
        var joined: Set<String>?
        for ids in corps { joined = joined?.union(ids) ?? ids }
        return ArchiveDirectory(corps: joined ?? [], disguised: disguised.filter { !$0.isEmpty })
    }
}
