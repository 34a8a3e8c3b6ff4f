import Contracts
import Foundation
package import TagScoring
import WorkerHost

extension TagRuleSet {
    /// Compiles a record of ``Topics/tagRules``. Its version is the hash of the value.
    package static func compile(key: String, value: [UInt8]) throws -> TagRuleSet {
        let configuration = try JSONDecoder().decode(TagRulesConfiguration.self, from: Data(value))
        // A value under another corp's key would be in force beside that corp's own.
        guard key == "\(configuration.corpID)/\(TagRulesConfiguration.kind)" else { throw MisplacedTagRules() }
        return try TagRuleSet(configuration, version: SnapshotVersion.of(value))
    }
}

/// A record whose key names another corp or kind than its value.
struct MisplacedTagRules: Error, CustomStringConvertible {
    var description: String { "the record's key names another corp or kind than its value" }
}
