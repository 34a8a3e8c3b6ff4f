/// One thing wrong with a configuration file.
package struct FileFault: Sendable, Hashable, CustomStringConvertible {
    /// Counted from 1; `nil` when the fault has no place of its own.
    package var line: Int?
    /// Where in the structure: `rules[2].words[0]`; empty for the whole file.
    package var path: String
    package var problem: String

    package init(line: Int?, path: String = "", _ problem: String) {
        self.line = line
        self.path = path
        self.problem = problem
    }

    package var description: String {
        [line.map { "line \($0)" }, path.isEmpty ? nil : path, problem].compactMap(\.self).joined(separator: ": ")
    }
}

/// A configuration file that can't be used: every fault of it, in the order of its lines.
package struct FileFaults: Error, Equatable {
    package var faults: [FileFault]

    package init(_ faults: [FileFault]) {
        self.faults = faults.sorted { ($0.line ?? .max, $0.path) < ($1.line ?? .max, $1.path) }
    }

    /// As the person at the terminal reads it.
    package func failure(file: String) -> OperatorFailure {
        let count = faults.count == 1 ? "1 fault" : "\(faults.count) faults"
        let list = faults.map { "  \(file): \($0)" }.joined(separator: "\n")
        return OperatorFailure(.usage, "\(file) has \(count); nothing was published.\n\(list)")
    }
}
