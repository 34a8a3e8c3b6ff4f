import Dispatch
import Foundation

/// Waits for the program's end: SIGTERM, SIGINT or the end of the parent process.
struct Ending {
    private let reasons: AsyncStream<Void>
    private let sources: [any DispatchSourceProtocol]

    init(withParent: Bool) {
        let (reasons, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        var sources: [any DispatchSourceProtocol] = [SIGTERM, SIGINT].map { number in
            // The default action would end the process before the source sees the signal.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { continuation.yield() }
            return source
        }
        if withParent {
            let parent = getppid()
            let timer = DispatchSource.makeTimerSource()
            timer.schedule(deadline: .now(), repeating: .milliseconds(250))
            timer.setEventHandler {
                // An orphan is adopted by another process.
                if getppid() != parent { continuation.yield() }
            }
            sources.append(timer)
        }
        for source in sources { source.resume() }
        self.reasons = reasons
        self.sources = sources
    }

    func wait() async {
        for await _ in reasons { break }
        for source in sources { source.cancel() }
    }
}
