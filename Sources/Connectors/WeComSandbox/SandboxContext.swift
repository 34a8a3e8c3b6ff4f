import Hummingbird
import Logging
import NIOCore

/// A request's context that can hang up.
struct SandboxContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// Closes the connection without an answer.
    func hangUp() {
        channel.close(mode: .all, promise: nil)
    }
}
