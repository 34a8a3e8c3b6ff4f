/// Asks again and again until something is so or the time is over.
struct Waiting {
    let timeout: Duration
    /// Between two questions.
    var pause: Duration = .milliseconds(200)

    /// - Parameter question: answers `nil` for "not yet".
    /// - Returns: the answer; `nil` when the time is over.
    func first<Answer>(_ question: () async throws -> Answer?) async throws -> Answer? {
        let deadline = ContinuousClock.now + timeout
        while true {
            if let answer = try await question() { return answer }
            guard ContinuousClock.now + pause < deadline else { return nil }
            try await Task.sleep(for: pause)
        }
    }
}
