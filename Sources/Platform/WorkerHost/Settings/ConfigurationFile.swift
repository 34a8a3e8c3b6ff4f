import Foundation
import Yams

/// A YAML file flattened to dotted keys, with the line of each.
struct ConfigurationFile: Sendable, Equatable {
    struct Entry: Sendable, Equatable {
        var text: String
        var line: Int
    }

    var path: String
    var entries: [String: Entry] = [:]
    var faults: [SettingFault] = []

    /// Reads the file; what is wrong with it is in `faults`.
    init(path: String) {
        self.path = path
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            read(text)
        } catch {
            faults.append(SettingFault(place: path, problem: "cannot be read as UTF-8 text"))
        }
    }

    init(path: String, text: String) {
        self.path = path
        read(text)
    }

    func place(of key: String) -> String { "\(path):\(entries[key]?.line ?? 1) (\(key))" }

    private mutating func read(_ text: String) {
        do {
            // An empty file is an empty configuration.
            guard let root = try Yams.compose(yaml: text) else { return }
            flatten(root, key: "")
        } catch let error as YamlError {
            faults.append(SettingFault(place: place(of: error), problem: "not valid YAML"))
        } catch {
            faults.append(SettingFault(place: path, problem: "not valid YAML"))
        }
    }

    private func place(of error: YamlError) -> String {
        // The texts of YamlError quote the line at fault, which may hold a password.
        switch error {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _):
            "\(path):\(mark.line)"
        case .duplicatedKeysInMapping(_, let context):
            "\(path):\(context.mark.line) (a key occurs twice)"
        default: path
        }
    }

    private mutating func flatten(_ node: Node, key: String) {
        let line = node.mark?.line ?? 1
        switch node {
        case .scalar(let scalar):
            if key.isEmpty {
                faults.append(SettingFault(place: "\(path):\(line)", problem: "expected `key: value` lines"))
            } else if !scalar.string.isEmpty {
                entries[key] = Entry(text: scalar.string, line: line)
            }
        case .mapping(let mapping):
            for (name, child) in mapping {
                guard let name = name.string else {
                    faults.append(SettingFault(place: "\(path):\(line)", problem: "a key must be text"))
                    continue
                }
                flatten(child, key: key.isEmpty ? name : "\(key).\(name)")
            }
        case .sequence, .alias:
            faults.append(SettingFault(place: "\(path):\(line) (\(key))", problem: "a list is not expected here"))
        }
    }
}
