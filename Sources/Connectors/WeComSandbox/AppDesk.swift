import AsyncHTTPClient
import Foundation
import Hummingbird
import NIOCore
import NIOHTTP1
import Synchronization

/// What the platform keeps of an app: the cards people have.
package final class AppDesk: Sendable {
    fileprivate struct State {
        var tasks: Set<String> = []
        /// Unused codes, with the card they change.
        var codes: [String: String] = [:]
        var codesIssued = 0
        var buttons: [String: String] = [:]
    }

    /// A person clicks a button.
    package struct Click: Codable, Sendable {
        package var user: String
        package var taskID: String
        package var key: String

        package init(user: String, taskID: String, key: String) {
            self.user = user
            self.taskID = taskID
            self.key = key
        }

        enum CodingKeys: String, CodingKey {
            case user
            case taskID = "task_id"
            case key
        }
    }

    /// What the call-back answered.
    package struct ClickAnswer: Codable, Sendable, ResponseEncodable {
        package var status: Int
    }

    private let settings: SandboxSettings
    private let state = Mutex(State())

    init(settings: SandboxSettings) { self.settings = settings }

    /// What stands where a card's buttons were; `nil` while they are there.
    package func replacement(of taskID: String) -> String? { state.withLock { $0.buttons[taskID] } }

    /// A code for a new card; `nil` when its task id was used before.
    func takeTask(_ id: String) -> String? {
        state.withLock { state in
            guard state.tasks.insert(id).inserted else { return nil }
            return state.newCode(for: id)
        }
    }

    /// Uses a code up. `false` when it was used before or never existed.
    func replaceButtons(code: String, by text: String) -> Bool {
        state.withLock { state in
            guard let task = state.codes.removeValue(forKey: code) else { return false }
            state.buttons[task] = text
            return true
        }
    }

    /// Sends the click to the call-back, as the platform does.
    package func click(_ click: Click) async throws -> ClickAnswer {
        guard let callback = settings.callback else { throw HTTPError(.conflict, message: "no call-back is set") }
        let code = state.withLock { $0.tasks.contains(click.taskID) ? $0.newCode(for: click.taskID) : nil }
        guard let code else { throw HTTPError(.notFound, message: "there is no such card") }
        let call = CallbackLetter(callback: callback).click(click, responseCode: code, now: Date())
        var request = HTTPClientRequest(url: call.url)
        request.method = .POST
        request.body = .bytes(ByteBuffer(string: call.body))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(5))
        return ClickAnswer(status: Int(response.status.code))
    }
}

extension AppDesk.State {
    fileprivate mutating func newCode(for task: String) -> String {
        codesIssued += 1
        let code = "code-\(codesIssued)"
        codes[code] = task
        return code
    }
}
