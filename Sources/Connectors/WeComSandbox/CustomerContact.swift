import Foundation
import Synchronization

/// What the stand-in knows of customer contact: access tokens and mass-send tasks.
package final class CustomerContact: Sendable {
    /// A task, as the platform would keep it.
    package struct Task: Sendable {
        package var msgid: String
        package var corpID: String
        package var sender: String
        package var text: String
        package var customers: [String]
        /// Milliseconds UTC.
        package var createdAt: Int64
    }

    private struct State {
        var tasks: [Task] = []
        /// Corp and end of life, milliseconds UTC, by token.
        var tokens: [String: (corpID: String, until: Int64)] = [:]
        var issued = 0
    }

    private let state = Mutex(State())

    /// A token that works for so many seconds. Asking again while one works gives the same.
    func token(corpID: String, lifetime: Int, now: Int64) -> String {
        state.withLock { state in
            if let (token, _) = state.tokens.first(where: { $0.value.corpID == corpID && $0.value.until > now }) {
                return token
            }
            state.issued += 1
            let token = "token-\(state.issued)-\(UUID().uuidString)"
            state.tokens[token] = (corpID, now + Int64(lifetime) * 1000)
            return token
        }
    }

    /// The corp whose token it is; a refusal's code when it is none that works.
    func corp(of token: String?, now: Int64) -> Result<String, Refusal> {
        guard let token, !token.isEmpty else { return .failure(Refusal(code: 41001)) }
        return state.withLock { state in
            guard let known = state.tokens[token] else { return .failure(Refusal(code: 40014)) }
            return known.until > now ? .success(known.corpID) : .failure(Refusal(code: 42001))
        }
    }

    struct Refusal: Error { var code: Int }

    /// All tokens stop working at once.
    package func forgetTokens() { state.withLock { $0.tokens = [:] } }

    func add(_ task: Task) { state.withLock { $0.tasks.append(task) } }

    package func tasks() -> [Task] { state.withLock(\.tasks) }

    func task(_ msgid: String, corpID: String) -> Task? {
        tasks().first { $0.msgid == msgid && $0.corpID == corpID }
    }

    /// What each customer has got, or will once the employee confirms: the judge of every promise about touches.
    package func touches() -> [SandboxTouch] {
        tasks().flatMap { task in
            task.customers.map {
                SandboxTouch(
                    customerID: $0, msgid: task.msgid, corpID: task.corpID, sender: task.sender, text: task.text,
                    time: task.createdAt)
            }
        }
    }
}
