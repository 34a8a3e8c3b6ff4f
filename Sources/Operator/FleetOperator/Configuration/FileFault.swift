/// One thing wrong with a configuration file.
package struct FileFault: Sendable, Hashable, CustomStringConvertible {
    /// A file that the configuration names; `nil` for the configuration itself.
    package var file: String?
    /// Counted from 1; `nil` when the fault has no place of its own.
    package var line: Int?
    /// Where in the structure: `rules[2].words[0]`; empty for the whole file.
    package var path: String
    package var problem: String

    package init(file: String? = nil, line: Int?, path: String = "", _ problem: String) {
        self.file = file
        self.line = line
        self.path = path
        self.problem = problem
    }

    package var description: String {
        [line.map { "line \($0)" }, path.isEmpty ? nil : path, problem].compactMap(\.self).joined(separator: ": ")
    }
}

/// A configuration file that can't be used: every fault of it, in the order of its lines, then those of the files it names.
package struct FileFaults: Error, Equatable {
    package var faults: [FileFault]

    /// A list of 100,000 bad words must not scroll everything else away.
    private static let printed = 200

    package init(_ faults: [FileFault]) {
        self.faults = faults.sorted {
            ($0.file ?? "", $0.line ?? .max, $0.path) < ($1.file ?? "", $1.line ?? .max, $1.path)
        }
    }

    /// As the person at the terminal reads it.
    package func failure(file: String) -> OperatorFailure {
        let count = faults.count == 1 ? "1 fault" : "\(faults.count) faults"
        var lines = faults.prefix(Self.printed).map { "  \($0.file ?? file): \($0)" }
        if faults.count > Self.printed { lines.append("  and \(faults.count - Self.printed) more") }
        return OperatorFailure(
            .usage, "\(file) has \(count); nothing was published.\n\(lines.joined(separator: "\n"))")
    }
}
