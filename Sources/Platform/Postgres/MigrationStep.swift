/// One step of a schema's history. Never edited once it was applied anywhere.
package struct MigrationStep: Sendable, Hashable {
    /// Unique within the schema.
    package var name: String
    package var sql: String

    package init(name: String, sql: String) {
        self.name = name
        self.sql = sql
    }
}

/// Why a schema was not migrated.
package enum MigrationError: Error, Sendable, Equatable {
    /// An applied step's text is not what it was.
    case changed(schema: String, step: String)
    /// A step that was not applied stands before one that was.
    case missing(schema: String, step: String, before: String)
    /// The database knows a step that this program does not.
    case unknown(schema: String, step: String)
    /// Two steps have one name.
    case duplicate(schema: String, step: String)
    /// A step failed; nothing was applied.
    case failed(schema: String, step: String, PostgresError)
}

extension MigrationError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .changed(let schema, let step):
            "schema \(schema): step \(step) was edited after it had been applied. "
                + "Restore its text and put the change into a new step."
        case .missing(let schema, let step, let before):
            "schema \(schema): step \(step) was never applied, but the later step \(before) was. "
                + "Put the new step at the end of the history."
        case .unknown(let schema, let step):
            "schema \(schema): the database has step \(step), which this program does not know. "
                + "Use the program that applied it, or a newer one."
        case .duplicate(let schema, let step): "schema \(schema): two steps are named \(step). Rename the newer one."
        case .failed(let schema, let step, let error): "schema \(schema): step \(step) failed: \(error)"
        }
    }
}
