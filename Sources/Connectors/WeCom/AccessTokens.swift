/// An access token, and until when it is good.
package struct AccessToken: Sendable, Equatable {
    package var text: String
    /// It works, but somebody should get a new one.
    package var isDue: Bool

    package init(text: String, isDue: Bool) {
        self.text = text
        self.isDue = isDue
    }
}

/// Where the copies of a worker share access tokens. Moments are the store's own, so that all copies have one clock.
package protocol AccessTokenStore: Sendable {
    /// - Returns: `nil` when there is none that works.
    func current(corpID: String) async throws -> AccessToken?

    /// Takes the right to ask the platform for a new one.
    /// - Returns: `false` while somebody else has it, or when the platform has refused the secret lately.
    func lease(corpID: String, for duration: Duration) async throws -> Bool

    /// The platform refused the secret: nobody asks before the pause is over.
    func bar(corpID: String, for pause: Duration) async throws

    /// Stores a new one and gives the right back.
    func save(_ token: String, lifetime: Duration, corpID: String) async throws

    /// The platform no longer takes this one.
    func discard(_ token: String, corpID: String) async throws
}

/// Access tokens of the platform, asked for early and by one copy at a time.
package struct AccessTokens: Sendable {
    /// After the platform refused a secret nobody asks again before this: it bars callers who insist.
    private static let refusalPause = Duration.seconds(600)

    private let api: PlatformAPI
    private let store: any AccessTokenStore
    private let requestTimeout: Duration

    package init(http: OutboundHTTP, baseURL: String, store: any AccessTokenStore) {
        api = PlatformAPI(http: http, baseURL: baseURL)
        self.store = store
        requestTimeout = http.requestTimeout
    }

    /// - Parameter secret: appears in no log and no error.
    /// - Returns: `nil` when none is to be had now: somebody else is asking, or the platform did not give one.
    package func token(corpID: String, secret: String) async throws -> String? {
        let current = try await store.current(corpID: corpID)
        if let current, !current.isDue { return current.text }
        guard try await store.lease(corpID: corpID, for: requestTimeout) else { return current?.text }
        let answer = await api.get(
            "/cgi-bin/gettoken", query: [("corpid", corpID), ("corpsecret", secret)], as: Reply.self)
        switch answer {
        case .success(let reply):
            try await store.save(reply.token, lifetime: .seconds(reply.lifetime), corpID: corpID)
            return reply.token
        case .code(40001), .code(40013):
            try await store.bar(corpID: corpID, for: Self.refusalPause)
            return current?.text
        case .code, .unreachable, .unknown:
            return current?.text
        }
    }

    package func discard(_ token: String, corpID: String) async throws {
        try await store.discard(token, corpID: corpID)
    }

    private struct Reply: Decodable, Sendable {
        var token: String
        var lifetime: Int

        enum CodingKeys: String, CodingKey {
            case token = "access_token"
            case lifetime = "expires_in"
        }
    }
}
