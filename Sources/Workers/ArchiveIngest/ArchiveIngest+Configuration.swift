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

    /// Joins what is in force.
    package static func directory(corps: [Set<String>], disguised: [DisguisedEmployees]) -> ArchiveDirectory {
        ArchiveDirectory(corps: corps.reduce([]) { $0.union($1) }, disguised: disguised.filter { !$0.isEmpty })
    }
}
