/// Reads a mapping key by key and collects every fault instead of stopping at the first.
package struct FileMapping {
    package let node: FileNode
    private var entries: [String: FileNode] = [:]

    /// - Parameter allowed: every key the mapping may have; others are faults, because a misspelt optional key would
    ///   silently do nothing.
    package init?(_ node: FileNode, allowed: [String], faults: inout [FileFault]) {
        guard let pairs = node.entries else {
            faults.append(
                FileFault(line: node.line, path: node.path, "must be a mapping with \(allowed.joined(separator: ", "))")
            )
            return nil
        }
        self.node = node
        for (key, value) in pairs {
            if allowed.contains(key) {
                entries[key] = value
            } else {
                faults.append(
                    FileFault(
                        line: value.line, path: value.path,
                        "unknown key; allowed are \(allowed.joined(separator: ", "))"))
            }
        }
    }

    /// The node under a key; `nil` when absent or null.
    package func node(_ key: String) -> FileNode? {
        guard let value = entries[key], !value.isNull else { return nil }
        return value
    }

    /// A required text that is not blank; answers "" after noting a fault.
    package func text(_ key: String, faults: inout [FileFault]) -> String {
        guard let value = node(key) else {
            faults.append(fault(key, "is missing"))
            return ""
        }
        guard let text = value.text, !text.isEmpty else {
            faults.append(FileFault(line: value.line, path: value.path, "must be a text"))
            return ""
        }
        return text
    }

    package func integer(_ key: String, faults: inout [FileFault]) -> Int? {
        guard let value = node(key) else { return nil }
        guard let integer = value.integer else {
            faults.append(FileFault(line: value.line, path: value.path, "must be a whole number"))
            return nil
        }
        return integer
    }

    package func requiredInteger(_ key: String, faults: inout [FileFault]) -> Int {
        guard node(key) != nil else {
            faults.append(fault(key, "is missing"))
            return 0
        }
        return integer(key, faults: &faults) ?? 0
    }

    package func boolean(_ key: String, default standard: Bool, faults: inout [FileFault]) -> Bool {
        guard let value = node(key) else { return standard }
        guard let boolean = value.boolean else {
            faults.append(FileFault(line: value.line, path: value.path, "must be true or false"))
            return standard
        }
        return boolean
    }

    /// One of the cases, by raw value.
    package func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: String, default standard: Choice, faults: inout [FileFault]
    ) -> Choice where Choice.RawValue == String {
        guard let value = node(key) else { return standard }
        guard let text = value.text, let choice = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            faults.append(FileFault(line: value.line, path: value.path, "must be one of \(names)"))
            return standard
        }
        return choice
    }

    /// The items of a list; empty when absent.
    package func list(_ key: String, faults: inout [FileFault]) -> [FileNode] {
        guard let value = node(key) else { return [] }
        guard let items = value.items else {
            faults.append(FileFault(line: value.line, path: value.path, "must be a list"))
            return []
        }
        return items
    }

    package func texts(_ key: String, faults: inout [FileFault]) -> [String] {
        var texts: [String] = []
        for item in list(key, faults: &faults) {
            if let text = item.text, !text.isEmpty {
                texts.append(text)
            } else {
                faults.append(FileFault(line: item.line, path: item.path, "must be a text"))
            }
        }
        return texts
    }

    package func integers(_ key: String, faults: inout [FileFault]) -> [Int] {
        var integers: [Int] = []
        for item in list(key, faults: &faults) {
            if let integer = item.integer {
                integers.append(integer)
            } else {
                faults.append(FileFault(line: item.line, path: item.path, "must be a whole number"))
            }
        }
        return integers
    }

    /// A fault of a key that may be absent: then it has the line of the mapping.
    package func fault(_ key: String, _ problem: String) -> FileFault {
        let path = node.path.isEmpty ? key : "\(node.path).\(key)"
        return FileFault(line: entries[key]?.line ?? node.line, path: path, problem)
    }
}
