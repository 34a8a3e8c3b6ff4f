package import Contracts
import Foundation

/// A kind of configuration that an operator keeps as a file and publishes as one record.
package protocol ConfigurationFile {
    associatedtype Value: Codable & Equatable & Sendable

    /// `corps`, `rules`, `directory`.
    static var kind: String { get }
    static var topic: Topic { get }
    /// Workers that run it; `--wait` waits for their copies.
    static var users: [Schema] { get }

    /// Reads and validates a file: all faults at once.
    /// - Parameter corpID: the `--corp` option; the file's own `corp_id` must agree with it.
    static func read(_ text: String, corpID: String?) throws(FileFaults) -> Value

    /// The same for a file that may name others.
    static func read(_ text: String, corpID: String?, lists: WordLists) throws(FileFaults) -> Value

    /// Key of the record in the topic.
    static func key(of value: Value) -> String

    /// What the operator reads before it is published. Empty when nothing differs.
    static func changes(from old: Value?, to new: Value) -> [String]

    /// What is wrong or odd in view of the corps in force; nothing by default.
    static func findings(_ value: Value, corps: CorpsConfiguration?) -> ConfigurationFindings

    /// One line on the size of a set.
    static func summary(_ value: Value) -> String
}

extension ConfigurationFile {
    package static func findings(_ value: Value, corps: CorpsConfiguration?) -> ConfigurationFindings { .init() }

    package static func read(_ text: String, corpID: String?, lists: WordLists) throws(FileFaults) -> Value {
        try read(text, corpID: corpID)
    }

    /// The bytes of the record. Sorted keys, so equal values have equal bytes and one version.
    package static func encode(_ value: Value) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    package static func decode(_ bytes: [UInt8]) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(bytes))
    }

    /// `corp_id` of the file or of `--corp`; a fault when neither or both with different values.
    static func corpID(_ file: FileMapping, option: String?, faults: inout [FileFault]) -> String {
        guard file.node("corp_id") != nil else {
            if let option { return option }
            faults.append(file.fault("corp_id", "is missing; write it in the file or give --corp ID"))
            return ""
        }
        let own = file.text("corp_id", faults: &faults)
        if let option, option != own {
            faults.append(file.fault("corp_id", "is \(own), but --corp says \(option)"))
        }
        return own
    }
}
