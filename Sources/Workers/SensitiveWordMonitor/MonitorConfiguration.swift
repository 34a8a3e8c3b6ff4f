import Contracts
import Foundation
package import SensitiveWords
import WorkerHost

/// The rules and staff of every corp at one moment.
package struct MonitorConfiguration: Sendable {
    /// By corp. A corp without an entry is not judged.
    package var ruleSets: [String: RuleSet]
    /// By corp.
    package var departments: [String: Departments]

    package init(ruleSets: [String: RuleSet], departments: [String: Departments] = [:]) {
        self.ruleSets = ruleSets
        self.departments = departments
    }
}

/// A configuration record that cannot be used.
package struct InvalidConfiguration: Error, CustomStringConvertible {
    package var description: String
}

extension MonitorConfiguration {
    /// Compiles a record of ``Topics/rules``. Its version is the hash of the value.
    package static func rules(key: String, value: [UInt8]) throws -> RuleSet {
        let configuration = try JSONDecoder().decode(RulesConfiguration.self, from: Data(value))
        try check(key, corpID: configuration.corpID, kind: RulesConfiguration.kind)
        return try RuleSet(configuration, version: SnapshotVersion.of(value))
    }

    /// Compiles a record of ``Topics/directory``.
    package static func departments(key: String, value: [UInt8]) throws -> CorpDepartments {
        let directory = try JSONDecoder().decode(DirectoryConfiguration.self, from: Data(value))
        try check(key, corpID: directory.corpID, kind: DirectoryConfiguration.kind)
        return CorpDepartments(corpID: directory.corpID, departments: Departments(directory))
    }

    /// A value under another corp's key would be in force beside that corp's own.
    private static func check(_ key: String, corpID: String, kind: String) throws {
        guard key == "\(corpID)/\(kind)" else {
            throw InvalidConfiguration(description: "the record's key names another corp or kind than its value")
        }
    }
}

/// The compiled directory of one corp.
package struct CorpDepartments: Sendable {
    package var corpID: String
    package var departments: Departments
}

extension MonitorConfiguration {
    /// - Parameters:
    ///   - rules: Values of the rules feed, one for each corp.
    ///   - directory: Values of the directory feed, one for each corp.
    package init(rules: some Sequence<RuleSet>, directory: some Sequence<CorpDepartments>) {
        self.init(
            ruleSets: Dictionary(rules.map { ($0.corpID, $0) }) { _, last in last },
            departments: Dictionary(directory.map { ($0.corpID, $0.departments) }) { _, last in last })
    }
}
