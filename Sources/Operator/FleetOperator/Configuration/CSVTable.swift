/// A CSV file with a header: rows by column, whatever the order of the columns. Other columns are for people.
struct CSVTable {
    struct Column {
        /// As rows are asked for it.
        var name: String
        /// What else a header may say.
        var others: [String] = []
        var isRequired = true
    }

    struct Row {
        var file: String
        /// Counted from 1.
        var line: Int
        /// By the column's name; absent when blank.
        var fields: [String: String]

        func fault(_ key: String, _ problem: String) -> FileFault {
            FileFault(file: file, line: line, path: key, problem)
        }

        /// A required value; answers "" after noting a fault.
        func text(_ key: String, faults: inout [FileFault]) -> String {
            if let text = fields[key] { return text }
            faults.append(fault(key, "is missing"))
            return ""
        }

        func integer(_ key: String, faults: inout [FileFault]) -> Int? {
            guard let text = fields[key] else { return nil }
            if let number = Int(text) { return number }
            faults.append(fault(key, "must be a whole number"))
            return nil
        }

        func requiredInteger(_ key: String, faults: inout [FileFault]) -> Int {
            if fields[key] == nil { faults.append(fault(key, "is missing")) }
            return integer(key, faults: &faults) ?? 0
        }
    }

    var rows: [Row] = []
    var faults: [FileFault] = []

    /// - Parameter file: as the configuration names it, for faults.
    init(parsing text: String, file: String, columns: [Column]) {
        var records = CSVRecords(text)
        guard let header = records.next() else {
            faults = [FileFault(file: file, line: 1, "is empty; its first row must name the columns")]
            return
        }
        let names = header.fields.map { $0.filter { !$0.isWhitespace }.lowercased() }
        var places: [String: Int] = [:]
        for column in columns {
            places[column.name] = names.firstIndex { $0 == column.name || column.others.contains($0) }
            if places[column.name] == nil, column.isRequired {
                let also = column.others.isEmpty ? "" : " (or \(column.others.joined(separator: ", ")))"
                faults.append(FileFault(file: file, line: 1, "the first row names no column \(column.name)\(also)"))
            }
        }
        guard faults.isEmpty else { return }
        while let record = records.next() {
            var row = Row(file: file, line: record.line, fields: [:])
            for (name, place) in places where record.fields.indices.contains(place) {
                let text = record.fields[place].drop { $0.isWhitespace }
                let end = text.lastIndex { !$0.isWhitespace }
                if let end { row.fields[name] = String(text[...end]) }
            }
            if !row.fields.isEmpty { rows.append(row) }
        }
        if let line = records.openQuoteLine {
            faults.append(FileFault(file: file, line: line, "a quotation mark is opened and never closed"))
        }
    }

    /// The rows of every file that a key of the configuration names.
    static func rows(
        _ key: String, of file: FileMapping, columns: [Column], lists: WordLists, faults: inout [FileFault]
    ) -> [Row] {
        var rows: [Row] = []
        for path in file.texts(key, faults: &faults) {
            do {
                let table = CSVTable(parsing: try lists.text(path), file: path, columns: columns)
                rows += table.rows
                faults += table.faults
            } catch let unreadable as WordLists.Unreadable {
                faults.append(file.fault(key, "\(path) \(unreadable.problem)"))
            } catch {
                faults.append(file.fault(key, "\(path) can't be read"))
            }
        }
        return rows
    }
}
