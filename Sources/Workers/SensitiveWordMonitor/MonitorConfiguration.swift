package import Contracts
import Foundation
package import SensitiveWords
import WorkerHost

/// The rules and staff of every corp at one moment.
package struct MonitorConfiguration: Sendable {
    /// By corp. A corp without an entry is not judged.
    package var rules: [String: CorpRules]
    /// By corp.
    package var departments: [String: Departments]

    package init(rules: [String: CorpRules], departments: [String: Departments] = [:]) {
        self.rules = rules
        self.departments = departments
    }
}

/// The compiled rules of one corp.
package struct CorpRules: Sendable {
    package var set: RuleSet
    /// Some rule is about conversations of this audience: of others nothing is kept.
    private var audiences: Set<RulesConfiguration.Scope.Audience>

    package init(_ configuration: RulesConfiguration, version: String) throws {
        set = try RuleSet(configuration, version: version)
        audiences = Set(configuration.rules.filter(\.enabled).map(\.scope.audience))
    }

    package func covers(_ conversation: Conversation) -> Bool {
        audiences.contains(.any) || audiences.contains(conversation.external ? .external : .internal)
    }
}

/// A configuration record that cannot be used.
package struct InvalidConfiguration: Error, CustomStringConvertible {
    package var description: String
}

extension MonitorConfiguration {
    /// Compiles a record of ``Topics/rules``. Its version is the hash of the value.
    package static func rules(key: String, value: [UInt8]) throws -> CorpRules {
        let configuration = try JSONDecoder().decode(RulesConfiguration.self, from: Data(value))
        try check(key, corpID: configuration.corpID, kind: RulesConfiguration.kind)
        return try CorpRules(configuration, version: SnapshotVersion.of(value))
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
    package init(rules: some Sequence<CorpRules>, directory: some Sequence<CorpDepartments>) {
        self.init(
            rules: Dictionary(rules.map { ($0.set.corpID, $0) }) { _, last in last },
            departments: Dictionary(directory.map { ($0.corpID, $0.departments) }) { _, last in last })
    }
}
