import Alerting
import Contracts
import Crypto
import Foundation
package import Postgres
import Synchronization
package import WeCom

/// The access token of each app, shared by all copies through the database: renewed early, by one copy at a time, and
/// never asked for again soon after the platform refused the secret.
///
/// In the database it is encrypted under a key made from the app's secret, so that a dump is no key to the app.
package final class AccessTokens: Sendable {
    package enum Outcome: Sendable, Equatable {
        case token(Token)
        /// None can be had now.
        case unavailable
        case secretRefused
    }

    package struct Token: Sendable, Equatable {
        package var text: String
        package var version: Int64

        package init(text: String, version: Int64) {
            self.text = text
            self.version = version
        }
    }

    /// Whose token it is.
    package struct Owner: Sendable, Hashable {
        package var corpID: String
        package var agentID: Int
        package var secret: String

        package init(corpID: String, agentID: Int, secret: String) {
            self.corpID = corpID
            self.agentID = agentID
            self.secret = secret
        }
    }

    private struct Held {
        var token: Token
        var until: ContinuousClock.Instant
    }

    private let app: CorpApp
    private let pool: PostgresPool
    /// How long somebody waits for a token that another copy asks for.
    private let patience: Duration
    private let held = Mutex<[Owner: Held]>([:])

    package init(app: CorpApp, pool: PostgresPool, patience: Duration = .seconds(10)) {
        self.app = app
        self.pool = pool
        self.patience = patience
    }

    /// The token to use now.
    package func token(of owner: Owner) async -> Outcome {
        let now = ContinuousClock.now
        if let held = held.withLock({ $0[owner] }), held.until > now { return .token(held.token) }
        let deadline = now + patience
        let store = AccessTokenStore(owner: owner, pool: pool)
        do {
            while true {
                let state = try await store.read()
                switch state?.lease.action(at: state?.now ?? 0) ?? .renew {
                case .use:
                    if let state, let token = state.token { return .token(keep(token, state, of: owner)) }
                    // It was sealed with another secret.
                    if let outcome = try await renew(owner, store) { return outcome }
                case .renew: if let outcome = try await renew(owner, store) { return outcome }
                case .refused: return .secretRefused
                case .wait: break
                }
                guard ContinuousClock.now < deadline else { return .unavailable }
                try await Task.sleep(for: .milliseconds(100))
            }
        } catch {
            // The database is away, which the runtime tells of, or the lane is being given up.
            return .unavailable
        }
    }

    /// The platform called it invalid: nobody uses it any more. A newer one stays.
    package func drop(_ token: Token, of owner: Owner) async {
        held.withLock { held in
            if held[owner]?.token.version == token.version { held[owner] = nil }
        }
        // Without the database the next call says it again.
        try? await AccessTokenStore(owner: owner, pool: pool).drop(version: token.version)
    }

    /// `nil`: another copy is asking.
    private func renew(_ owner: Owner, _ store: AccessTokenStore) async throws -> Outcome? {
        guard try await store.lease(for: patience) else { return nil }
        switch await app.token(corpID: owner.corpID, secret: owner.secret) {
        case .accepted(let token):
            try await store.store(token.text, lifetime: token.lifetime)
            guard let state = try await store.read(), let token = state.token else { return .unavailable }
            return .token(keep(token, state, of: owner))
        case .code(-1), .code(45009), .code(6000), .http, .unreachable, .noAnswer:
            try await store.release(refused: false)
            return .unavailable
        case .code:
            try await store.release(refused: true)
            return .secretRefused
        }
    }

    private func keep(_ token: Token, _ state: AccessTokenStore.State, of owner: Owner) -> Token {
        // One that somebody is renewing is asked about again soon.
        let good = max(state.lease.renewAt - state.now, min(1_000, state.lease.expiresAt - state.now))
        held.withLock { $0[owner] = Held(token: token, until: .now + .milliseconds(good)) }
        return token
    }
}
