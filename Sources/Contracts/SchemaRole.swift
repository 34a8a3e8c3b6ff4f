/// The database role each worker logs in as: it may read and write its own schema and no other. Who asked for what, the
/// table `operations`, it may only read.
package enum SchemaRole {
    /// SQL that creates the role if it is missing and gives it its rights, also on tables created later by the caller.
    /// Safe to repeat; run it after the schema's migrations, as their owner.
    ///
    /// The role gets no password: how it proves who it is, is the server's business (`pg_hba.conf`) or the operator's
    /// (`ALTER ROLE … PASSWORD`). Ending a stuck predecessor's session needs no right beyond being the same role.
    package static func sql(for schema: Schema) -> String {
        let name = schema.rawValue
        let role = schema.role
        return """
            DO $$
            BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '\(role)') THEN
                    CREATE ROLE \(role) LOGIN;
                END IF;
            EXCEPTION
                -- Somebody else created it at the same moment.
                WHEN duplicate_object OR unique_violation THEN NULL;
            END
            $$;
            GRANT USAGE ON SCHEMA \(name) TO \(role);
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \(name) TO \(role);
            GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA \(name) TO \(role);
            REVOKE INSERT, UPDATE, DELETE ON \(name).migrations, \(name).operations FROM \(role);
            ALTER DEFAULT PRIVILEGES IN SCHEMA \(name) GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO \(role);
            ALTER DEFAULT PRIVILEGES IN SCHEMA \(name) GRANT USAGE, SELECT ON SEQUENCES TO \(role);
            """
    }
}
