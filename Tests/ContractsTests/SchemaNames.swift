import Contracts

/// The names a migration's SQL mentions, found well enough for the SQL we write (comments begin with `--`, and no string
/// holds one).
enum SchemaNames {
    /// Schemas of the fleet that qualify a name somewhere in `sql`, in strings and function bodies too.
    static func mentioned(in sql: String) -> Set<String> {
        let schemas = Set(Schema.allCases.map(\.rawValue))
        let qualifiers = code(of: sql).matches(of: /([A-Za-z_][A-Za-z0-9_]*)"?\.["%A-Za-z_]/).map { String($0.1) }
        return schemas.intersection(qualifiers)
    }

    /// What `sql` creates or refers to by name, qualified or not.
    static func objects(in sql: String) -> [String] {
        let object =
            /\b(?:CREATE (?:TABLE|VIEW|FUNCTION|SEQUENCE|TYPE)|ALTER TABLE|REFERENCES|INSERT INTO|DELETE FROM)\s+([^\s(;,]+)/
        return code(of: sql).matches(of: object).map { String($0.1) }
    }

    private static func code(of sql: String) -> String {
        sql.replacing(/--[^\n]*/, with: "")
    }
}
