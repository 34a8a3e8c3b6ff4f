/// What follows from the result of a call: one pure table for all channels (WeCom's error codes, HTTP's classes).
///
/// An alert is never given up for the world's fault: such failures are repeated for ever, with growing pauses.
package struct RetryPolicy: Sendable, Equatable {
    /// What to do with the deliveries of the call.
    package enum Action: Sendable, Equatable {
        case delivered
        /// Try again after a pause.
        case retry(after: Duration)
        /// Try again after a pause; people must read that it may be a repetition.
        case repeatUnsure(after: Duration)
        /// Try again after a pause: somebody has to correct the configuration or allow the call. The reason is a fixed
        /// word.
        case awaitConfiguration(reason: String, after: Duration)
        /// The target's own limit was exceeded: nothing goes to this target before the window has passed.
        case waitWindow(Duration)
        /// Too long for the platform: once more, shorter.
        case shorten
        /// It can never succeed. The reason is a fixed word.
        case permanent(reason: String)
    }

    package var firstPause: Duration
    package var longestPause: Duration
    /// Shortest pause after a fault of the configuration: somebody must act first.
    package var configurationPause: Duration

    package init(
        firstPause: Duration = .seconds(1), longestPause: Duration = .seconds(300),
        configurationPause: Duration = .seconds(30)
    ) {
        self.firstPause = firstPause
        self.longestPause = longestPause
        self.configurationPause = configurationPause
    }

    /// - Parameters:
    ///   - attempt: number of this attempt, from 1.
    ///   - shortened: the message had been shortened already.
    ///   - jitter: in 0..<1; spreads repetitions that failed together.
    package func action(
        for result: CallResult, attempt: Int, shortened: Bool = false, jitter: Double = 0.5
    ) -> Action {
        switch result {
        case .accepted: .delivered
        case .platformCode(let code): platformAction(code, attempt, shortened, jitter)
        case .httpStatus(let status, let retryAfter): httpAction(status, retryAfter, attempt, jitter)
        // The platform has not judged the call, so whatever the status says is no reason to give the alert up.
        case .gatewayStatus(let status, let retryAfter): repetition(status, retryAfter, attempt, jitter)
        case .unreachable: .retry(after: pause(attempt, jitter))
        case .noAnswer: .repeatUnsure(after: pause(attempt, jitter))
        case .notStarted: .retry(after: .zero)
        case .secretMissing: correction("secret_missing", attempt, jitter)
        case .secretRefused: correction("bad_credentials", attempt, jitter)
        case .tokenUnavailable: .retry(after: pause(attempt, jitter))
        case .recipientRefused(let fault): .permanent(reason: fault.rawValue)
        case .targetUnknown: correction("unknown_target", attempt, jitter)
        case .addressRefused: correction("address_refused", attempt, jitter)
        }
    }

    /// Doubles with each attempt, up to ``longestPause``, between three quarters and five quarters of that.
    package func pause(_ attempt: Int, _ jitter: Double) -> Duration {
        let doublings = min(max(attempt, 1) - 1, 20)
        let whole = min(firstPause * (1 << doublings), longestPause)
        return whole * (0.75 + 0.5 * min(max(jitter, 0), 1))
    }

    private func correction(_ reason: String, _ attempt: Int, _ jitter: Double) -> Action {
        .awaitConfiguration(reason: reason, after: max(configurationPause, pause(attempt, jitter)))
    }

    private func platformAction(_ code: Int, _ attempt: Int, _ shortened: Bool, _ jitter: Double) -> Action {
        switch code {
        case 0: .delivered
        case -1, 6000, 45033: .retry(after: pause(attempt, jitter))
        case 45009: .waitWindow(.seconds(60))
        case 44004: .permanent(reason: "empty_content")
        case 45002: shortened ? .permanent(reason: "content_too_long") : .shorten
        case 93000: .permanent(reason: "robot_gone")
        case 40003, 60111, 81013, 60011, 60021: .permanent(reason: RecipientFault.invalid.rawValue)
        case 40001, 40013, 40056, 41001, 40014, 42001: .permanent(reason: "bad_credentials")
        case 40035, 40058, 40063, 40008, 41035: .permanent(reason: "bad_parameter")
        case 40201, 40204: .permanent(reason: "refused_as_spam")
        // Not allowed yet (address, permission): an administrator can allow it, then the alert still arrives.
        case 60020, 301042, 48002, 301002, 43012: correction("not_allowed", attempt, jitter)
        default: .permanent(reason: "platform_code")
        }
    }

    private func httpAction(_ status: Int, _ retryAfter: Duration?, _ attempt: Int, _ jitter: Double) -> Action {
        switch status {
        case 200..<300: .delivered
        case 300..<400: .permanent(reason: "redirect_refused")
        case 408, 429, 500...: repetition(status, retryAfter, attempt, jitter)
        default: .permanent(reason: "http_status")
        }
    }

    /// 500, 502 and 504 may come after the call took effect; 408, 429 and 503 say that it was not worked on.
    private func repetition(_ status: Int, _ retryAfter: Duration?, _ attempt: Int, _ jitter: Double) -> Action {
        // A wish for hours would keep an alert away for hours: at most the longest pause, at least our own.
        let pause = max(min(retryAfter ?? .zero, longestPause), pause(attempt, jitter))
        return status >= 500 && status != 503 ? .repeatUnsure(after: pause) : .retry(after: pause)
    }
}
