package import Postgres
package import WeCom

/// Access tokens in `campaigns.access_tokens`. Only the worker's role can read them. Each method is one statement, outside
/// the lanes: tokens belong to no lane.
package struct TokenStore: AccessTokenStore {
    private let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    package func current(corpID: String) async throws -> AccessToken? {
        let rows = try await pool.execute(
            """
            SELECT token, renew_at <= clock_timestamp() FROM campaigns.access_tokens
            WHERE corp_id = $1 AND token IS NOT NULL AND expires_at > clock_timestamp()
            """, [.text(corpID)])
        guard let row = rows.first else { return nil }
        let (token, isDue) = try row.decode(String.self, Bool.self)
        return AccessToken(text: token, isDue: isDue)
    }

    package func lease(corpID: String, for duration: Duration) async throws -> Bool {
        let rows = try await pool.execute(
            """
            INSERT INTO campaigns.access_tokens AS stored (corp_id, leased_until)
            VALUES ($1, clock_timestamp() + $2 * interval '1 second')
            ON CONFLICT (corp_id) DO UPDATE SET leased_until = EXCLUDED.leased_until
            WHERE stored.leased_until <= clock_timestamp()
            """, [.text(corpID), .double(duration / .seconds(1))])
        return rows.affected == 1
    }

    package func bar(corpID: String, for pause: Duration) async throws {
        try await pool.execute(
            """
            UPDATE campaigns.access_tokens SET leased_until = clock_timestamp() + $2 * interval '1 second'
            WHERE corp_id = $1
            """, [.text(corpID), .double(pause / .seconds(1))])
    }

    /// The last fifth of a token's life is for getting the next one.
    package func save(_ token: String, lifetime: Duration, corpID: String) async throws {
        try await pool.execute(
            """
            UPDATE campaigns.access_tokens SET token = $2, leased_until = '-infinity',
                renew_at = clock_timestamp() + 0.8 * $3 * interval '1 second',
                expires_at = clock_timestamp() + $3 * interval '1 second'
            WHERE corp_id = $1
            """, [.text(corpID), .text(token), .double(lifetime / .seconds(1))])
    }

    package func discard(_ token: String, corpID: String) async throws {
        try await pool.execute(
            "UPDATE campaigns.access_tokens SET token = NULL WHERE corp_id = $1 AND token = $2",
            [.text(corpID), .text(token)])
    }
}
