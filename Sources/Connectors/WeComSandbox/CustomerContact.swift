import Foundation
import Synchronization

/// What the stand-in knows of customer contact: mass-send tasks.
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
    }

    private let state = Mutex(State())

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
