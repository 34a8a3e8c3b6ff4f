import Foundation

/// Where the word lists are that a rules file names: beside the file.
package struct WordLists: Sendable {
    /// The text of a list, by the path written in the rules file.
    /// - Throws: ``Unreadable``.
    package var text: @Sendable (_ path: String) throws -> String

    package struct Unreadable: Error {
        /// What is wrong, as the end of a sentence.
        package var problem: String
        package init(_ problem: String) { self.problem = problem }
    }

    package init(text: @escaping @Sendable (_ path: String) throws -> String) { self.text = text }

    /// For a rules file that stands alone.
    package static let none = WordLists { _ in throw Unreadable("can't be read here: the rules have no folder") }

    /// Paths are relative to the folder of `file`; to the current one for standard input.
    package static func beside(_ file: String) -> WordLists {
        let folder = file == "-" ? URL(filePath: ".") : URL(filePath: file).deletingLastPathComponent()
        return WordLists { path in
            let bytes: Data
            do {
                bytes = try Data(contentsOf: URL(filePath: path, relativeTo: folder))
            } catch {
                throw Unreadable("can't be read; its path is taken from the folder of the rules file")
            }
            guard bytes.count <= FileText.maximumBytes else {
                throw Unreadable("is longer than \(FileText.maximumBytes) bytes")
            }
            let marked = bytes.starts(with: [0xEF, 0xBB, 0xBF])
            guard let text = String(validating: marked ? bytes.dropFirst(3) : bytes, as: UTF8.self) else {
                throw Unreadable("is not UTF-8 text; save it as UTF-8 (in Excel: CSV UTF-8)")
            }
            return text
        }
    }
}

/// A CSV word list: a header with the column `word`, then one word a row. Other columns are for people.
package struct WordList: Sendable, Equatable {
    package struct Entry: Sendable, Equatable {
        package var word: String
        /// Counted from 1.
        package var line: Int
    }

    package var entries: [Entry] = []
    package var faults: [FileFault] = []

    /// - Parameter file: as the rules name it, for faults.
    package init(parsing text: String, file: String) {
        var table = CSVRecords(text)
        guard let header = table.next() else {
            faults = [FileFault(file: file, line: 1, "is empty; its first row must name the column `word`")]
            return
        }
        let names = header.fields.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
        guard let column = names.firstIndex(of: "word") else {
            faults = [FileFault(file: file, line: 1, "the first row must name the columns, and one of them `word`")]
            return
        }
        while let record = table.next() {
            if record.fields.allSatisfy({ $0.allSatisfy(\.isWhitespace) }) { continue }
            let word = record.fields.indices.contains(column) ? record.fields[column] : ""
            let trimmed = word.trimmingCharacters(in: .whitespaces)
            if trimmed.isEmpty {
                faults.append(FileFault(file: file, line: record.line, "has no word"))
            } else {
                entries.append(Entry(word: trimmed, line: record.line))
            }
        }
        if let line = table.openQuoteLine {
            faults.append(FileFault(file: file, line: line, "a quotation mark is opened and never closed"))
        }
    }
}

/// The records of a CSV text (RFC 4180), each with the line it begins in.
struct CSVRecords {
    struct Record {
        var fields: [String]
        var line: Int
    }

    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    /// Line of a quotation mark that is never closed, once everything has been read.
    private(set) var openQuoteLine: Int?

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func next() -> Record? {
        guard index < bytes.count else { return nil }
        var record = Record(fields: [], line: line)
        var field: [UInt8] = []
        while true {
            if index < bytes.count, bytes[index] == UInt8(ascii: "\""), field.isEmpty {
                readQuoted(into: &field)
            }
            while index < bytes.count, !Self.ends(bytes[index]) {
                field.append(bytes[index])
                index += 1
            }
            record.fields.append(String(decoding: field, as: UTF8.self))
            field.removeAll(keepingCapacity: true)
            guard index < bytes.count else { return record }
            let end = bytes[index]
            index += 1
            if end == UInt8(ascii: ",") { continue }
            if end == UInt8(ascii: "\r"), index < bytes.count, bytes[index] == UInt8(ascii: "\n") { index += 1 }
            line += 1
            return record
        }
    }

    private static func ends(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }

    /// What stands between quotation marks; two of them stand for one.
    private mutating func readQuoted(into field: inout [UInt8]) {
        let first = line
        index += 1
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "\"") {
                guard index < bytes.count, bytes[index] == byte else { return }
                index += 1
            }
            if byte == UInt8(ascii: "\n") { line += 1 }
            field.append(byte)
        }
        openQuoteLine = first
    }
}
