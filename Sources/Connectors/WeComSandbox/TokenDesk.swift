import Synchronization

/// The access tokens the platform has given: one for each secret of a corp.
package final class TokenDesk: Sendable {
    private struct Given {
        var corpID: String
        var secret: String
        /// Milliseconds UTC.
        var until: Int64
    }

    private struct State {
        var given: [String: Given] = [:]
        var calls = 0
    }

    struct Refusal: Error { var code: Int }

    private let state = Mutex(State())

    /// How often a token was asked for.
    package var calls: Int { state.withLock(\.calls) }
    package var issued: Int { state.withLock(\.given.count) }

    func countCall() { state.withLock { $0.calls += 1 } }

    /// A token that works for so many seconds. Asking again while one works gives the same.
    func issue(corpID: String, secret: String, seconds: Int, now: Int64) -> String {
        state.withLock { state in
            let living = state.given.first {
                $0.value.corpID == corpID && $0.value.secret == secret && $0.value.until > now
            }
            if let living { return living.key }
            let token = "sandbox-token-\(state.given.count + 1)"
            state.given[token] = Given(corpID: corpID, secret: secret, until: now + Int64(seconds) * 1_000)
            return token
        }
    }

    /// The corp whose token it is.
    func corp(of token: String?, now: Int64) throws(Refusal) -> String {
        guard let token, !token.isEmpty else { throw Refusal(code: 41001) }
        guard let given = state.withLock({ $0.given[token] }) else { throw Refusal(code: 40014) }
        guard given.until > now else { throw Refusal(code: 42001) }
        return given.corpID
    }

    /// Ends every token before its time.
    package func endAll() {
        state.withLock { state in
            for token in state.given.keys { state.given[token]?.until = 0 }
        }
    }
}
