import Foundation

/// Where a secret is: `env:NAME` or `file:PATH`. Read at each use, so that a file can be replaced while the worker runs.
package struct SecretReference: Sendable {
    private let text: String

    package init(_ text: String) { self.text = text }

    /// The secret, or `nil` when it is missing, empty or the reference is of neither kind.
    package func resolve() -> String? {
        let found: String?
        if text.hasPrefix("env:") {
            found = ProcessInfo.processInfo.environment[String(text.dropFirst(4))]
        } else if text.hasPrefix("file:") {
            // Missing or unreadable means the same to the caller: no secret, try again later.
            found = try? String(contentsOfFile: String(text.dropFirst(5)), encoding: .utf8)
        } else {
            found = nil
        }
        let secret = found?.trimmingCharacters(in: .whitespacesAndNewlines)
        return secret?.isEmpty == false ? secret : nil
    }
}
