import Alerting
import Crypto
import Foundation
import Postgres

/// The row of one app's access token. Every method is one statement.
struct AccessTokenStore: Sendable {
    /// After a refusal of the secret nobody asks for so long; the platform bars an address that goes on asking.
    private static let refusalSeconds = 600.0
    /// After a failure of the world nobody asks for so long.
    private static let failureSeconds = 2.0
    /// Share of a token's life after which it is renewed.
    private static let renewalShare = 0.8

    struct State: Sendable {
        var lease: AccessTokenLease
        /// `nil` when there is none, or none that this secret opens.
        var token: AccessTokens.Token?
        /// The database's clock, milliseconds UTC.
        var now: Int64
    }

    private let owner: AccessTokens.Owner
    private let pool: PostgresPool
    private let key: SymmetricKey
    private let fingerprint: String

    init(owner: AccessTokens.Owner, pool: PostgresPool) {
        self.owner = owner
        self.pool = pool
        let secret = Array("\(owner.corpID)\n\(owner.agentID)\n\(owner.secret)".utf8)
        key = SymmetricKey(data: SHA256.hash(data: Array("seal\n".utf8) + secret))
        fingerprint = SHA256.hash(data: Array("name\n".utf8) + secret).prefix(8)
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private var place: [PostgresValue] {
        [.text(owner.corpID), .int64(Int64(owner.agentID)), .text(fingerprint)]
    }

    /// `nil` when nobody has asked with this secret yet.
    func read() async throws -> State? {
        func milliseconds(_ column: String) -> String {
            "(extract(epoch FROM greatest(\(column), 'epoch')) * 1000)::bigint"
        }
        let rows = try await pool.execute(
            """
            SELECT \(milliseconds("renew_at")), \(milliseconds("expires_at")), \(milliseconds("leased_until")),
                \(milliseconds("refused_until")), token, version, \(milliseconds("clock_timestamp()"))
            FROM alerting.access_tokens WHERE corp_id = $1 AND agent_id = $2 AND fingerprint = $3
            """, place)
        guard let row = rows.first else { return nil }
        let lease = AccessTokenLease(
            renewAt: try row.decode(Int64.self, at: 0), expiresAt: try row.decode(Int64.self, at: 1),
            leasedUntil: try row.decode(Int64.self, at: 2), refusedUntil: try row.decode(Int64.self, at: 3))
        let version = try row.decode(Int64.self, at: 5)
        let token = try row.decode([UInt8]?.self, at: 4).flatMap(opened)
        return State(
            lease: lease, token: token.map { AccessTokens.Token(text: $0, version: version) },
            now: try row.decode(Int64.self, at: 6))
    }

    /// Takes the right to ask the platform. `false` when somebody else has it, or has just used it.
    func lease(for duration: Duration) async throws -> Bool {
        let rows = try await pool.execute(
            """
            INSERT INTO alerting.access_tokens AS held (corp_id, agent_id, fingerprint, leased_until)
            VALUES ($1, $2, $3, clock_timestamp() + $4 * interval '1 second')
            ON CONFLICT (corp_id, agent_id) DO UPDATE SET leased_until = excluded.leased_until,
                fingerprint = excluded.fingerprint,
                token = CASE WHEN held.fingerprint = excluded.fingerprint THEN held.token END,
                expires_at = CASE WHEN held.fingerprint = excluded.fingerprint THEN held.expires_at
                    ELSE '-infinity' END,
                renew_at = CASE WHEN held.fingerprint = excluded.fingerprint THEN held.renew_at ELSE '-infinity' END,
                refused_until = CASE WHEN held.fingerprint = excluded.fingerprint THEN held.refused_until
                    ELSE '-infinity' END
            WHERE held.leased_until <= clock_timestamp() AND (held.fingerprint <> excluded.fingerprint
                OR (held.renew_at <= clock_timestamp() AND held.refused_until <= clock_timestamp()))
            RETURNING version
            """, place + [.double(max(duration / .seconds(1), 1) * 2)])
        return !rows.isEmpty
    }

    func store(_ token: String, lifetime: Duration) async throws {
        let seconds = lifetime / .seconds(1)
        try await pool.execute(
            """
            UPDATE alerting.access_tokens SET token = $4, version = version + 1, leased_until = '-infinity',
                refused_until = '-infinity', renew_at = clock_timestamp() + $5 * interval '1 second',
                expires_at = clock_timestamp() + $6 * interval '1 second'
            WHERE corp_id = $1 AND agent_id = $2 AND fingerprint = $3
            """,
            place + [.bytes(try sealed(token)), .double(seconds * Self.renewalShare), .double(seconds)])
    }

    func release(refused: Bool) async throws {
        try await pool.execute(
            """
            UPDATE alerting.access_tokens SET
                leased_until = CASE WHEN $4 THEN '-infinity' ELSE clock_timestamp() + $5 * interval '1 second' END,
                refused_until = CASE WHEN $4 THEN clock_timestamp() + $6 * interval '1 second' ELSE refused_until END
            WHERE corp_id = $1 AND agent_id = $2 AND fingerprint = $3
            """, place + [.bool(refused), .double(Self.failureSeconds), .double(Self.refusalSeconds)])
    }

    func drop(version: Int64) async throws {
        try await pool.execute(
            """
            UPDATE alerting.access_tokens SET token = NULL, renew_at = '-infinity', expires_at = '-infinity'
            WHERE corp_id = $1 AND agent_id = $2 AND fingerprint = $3 AND version = $4
            """, place + [.int64(version)])
    }

    private func sealed(_ token: String) throws -> [UInt8] {
        // There is always a combined form with the nonce of 12 bytes that `seal` makes.
        Array(try AES.GCM.seal(Array(token.utf8), using: key).combined ?? Data())
    }

    /// `nil` for what another secret has sealed.
    private func opened(_ bytes: [UInt8]) -> String? {
        guard let box = try? AES.GCM.SealedBox(combined: bytes), let plain = try? AES.GCM.open(box, using: key) else {
            return nil
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
