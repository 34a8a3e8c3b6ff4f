import Foundation
import Yams

/// A place in a YAML or JSON file, with its line.
///
/// JSON is read by the same parser, because it is YAML to the letter except for surrogate pairs, which are rewritten
/// first; so both have line numbers.
package struct FileNode {
    package let path: String
    private let node: Node

    package var line: Int? { node.mark?.line }

    private init(_ node: Node, path: String) {
        self.node = node
        self.path = path
    }

    /// - Throws: ``FileFaults`` when the text is not YAML, holds no document or more than one.
    package init(parsing text: String) throws(FileFaults) {
        let composed: Node?
        do {
            composed = try Yams.compose(yaml: JSONSurrogates.joined(text))
        } catch let error as YamlError {
            throw FileFaults([error.fault])
        } catch {
            throw FileFaults([FileFault(line: nil, "can't be read as YAML or JSON")])
        }
        guard let composed else { throw FileFaults([FileFault(line: 1, "the file is empty")]) }
        self.init(composed, path: "")
    }

    /// The items of a list; `nil` when it is something else.
    package var items: [FileNode]? {
        guard case .sequence(let sequence) = node else { return nil }
        return sequence.enumerated().map { FileNode($1, path: "\(path)[\($0)]") }
    }

    /// The entries of a mapping in the order of the file; `nil` when it is something else.
    package var entries: [(key: String, value: FileNode)]? {
        guard case .mapping(let mapping) = node else { return nil }
        return mapping.map { key, value in
            let name = key.string ?? "?"
            return (name, FileNode(value, path: path.isEmpty ? name : "\(path).\(name)"))
        }
    }

    /// Nothing was written: `key:` or `~`.
    package var isNull: Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// A scalar exactly as written: `12315` and `no` are words here.
    package var text: String? {
        guard case .scalar(let scalar) = node, !isNull else { return nil }
        return scalar.string
    }

    package var integer: Int? { text.flatMap { Int($0) } }

    package var boolean: Bool? {
        switch text {
        case "true", "yes", "on": true
        case "false", "no", "off": false
        default: nil
        }
    }
}

extension YamlError {
    /// Without the text of the file.
    fileprivate var fault: FileFault {
        switch self {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            FileFault(line: mark.line, "not valid YAML: \(problem)")
        case .reader(let problem, _, _, _):
            FileFault(line: nil, "not readable text: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            FileFault(
                line: context.mark.line, "given twice: \(duplicates.map { "\($0)" }.sorted().joined(separator: ", "))")
        default:
            FileFault(line: nil, "not valid YAML")
        }
    }
}

/// JSON writes characters beyond U+FFFF as two escapes; YAML knows `\U0001F600` instead.
package enum JSONSurrogates {
    package static func joined(_ text: String) -> String {
        guard text.contains("\\u") else { return text }
        return text.replacing(/\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})/) { match in
            guard let high = UInt32(match.output.1, radix: 16), let low = UInt32(match.output.2, radix: 16) else {
                return String(match.output.0)
            }
            let hexadecimal = String(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00), radix: 16)
            return "\\U" + String(repeating: "0", count: 8 - hexadecimal.count) + hexadecimal
        }
    }
}
