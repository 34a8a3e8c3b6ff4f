import Synchronization

/// What the stand-in has received, which faults are due, and how much each robot has sent in the last minute.
package final class SandboxLedger: Sendable {
    /// Messages a robot may post in a minute.
    package static let robotLimit = 20
    /// Messages of an app that a person gets in a minute; the rest is dropped without a word.
    package static let memberLimit = 30
    /// Older calls are forgotten beyond this.
    package static let maximumCalls = 100_000

    private struct State {
        var calls: [ReceivedCall] = []
        var faults: [SandboxFault] = []
        var counters: [String: Int] = [:]
        var posts: [String: [Int64]] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    package func record(_ call: ReceivedCall) {
        state.withLock { state in
            if state.calls.count >= Self.maximumCalls { state.calls.removeFirst(Self.maximumCalls / 10) }
            state.calls.append(call)
            let outcome = call.effect ? "taken_in" : "refused"
            let kind = call.robot != nil ? "robot" : call.path.hasPrefix("/cgi-bin/") ? "app" : "webhook"
            state.counters["\(kind)_\(call.dropped == true ? "dropped" : outcome)", default: 0] += 1
            if let code = call.errcode, code != 0 { state.counters["errcode_\(code)", default: 0] += 1 }
        }
    }

    /// Counts something that is no call of a robot or webhook.
    func count(_ name: String) { state.withLock { $0.counters[name, default: 0] += 1 } }

    /// - Parameter all: with the calls that were refused.
    package func calls(all: Bool = false) -> [ReceivedCall] {
        state.withLock { state in all ? state.calls : state.calls.filter(\.effect) }
    }

    package func counters() -> [String: Int] { state.withLock(\.counters) }

    /// Forgets calls and counters; robots keep their minute.
    package func clear() {
        state.withLock { state in
            state.calls = []
            state.counters = [:]
        }
    }

    package func add(_ fault: SandboxFault) {
        state.withLock { $0.faults.append(fault) }
    }

    package func faults() -> [SandboxFault] { state.withLock(\.faults) }

    package func clearFaults() {
        state.withLock { $0.faults = [] }
    }

    /// The fault this call meets, if any; counts it down.
    func takeFault(path: String, key: String?) -> SandboxFault? {
        state.withLock { state in
            guard let index = state.faults.firstIndex(where: { $0.matches(path: path, key: key) }) else { return nil }
            let fault = state.faults[index]
            state.faults[index].count -= 1
            if state.faults[index].count <= 0 { state.faults.remove(at: index) }
            return fault
        }
    }

    /// Counts one post of a robot. `false` when it has had its share of the last 60 seconds.
    func takePost(of key: String, now: Int64) -> Bool { take(key, limit: Self.robotLimit, now: now) }

    /// Counts one message of an app to a person. `false` when the person gets no more in this minute.
    func takeMessage(to user: String, now: Int64) -> Bool { take("user:\(user)", limit: Self.memberLimit, now: now) }

    private func take(_ key: String, limit: Int, now: Int64) -> Bool {
        state.withLock { state in
            var recent = state.posts[key, default: []].filter { $0 > now - 60_000 }
            defer { state.posts[key] = recent }
            guard recent.count < limit else { return false }
            recent.append(now)
            return true
        }
    }
}
