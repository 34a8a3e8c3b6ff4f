import Logging
package import WeComSandbox

/// A WeCom stand-in inside the test's own process, reached over real HTTP.
package struct RunningSandbox: Sendable {
    package let baseURL: String
    package let ledger: SandboxLedger
    package let contact: CustomerContact
    package let desk: AppDesk
    package let tokens: TokenDesk

    /// Runs `body` while a stand-in listens on a port of its own.
    @discardableResult
    package static func with<Result: Sendable>(
        _ settings: SandboxSettings = SandboxSettings(), _ body: @Sendable (RunningSandbox) async throws -> Result
    ) async throws -> Result {
        let (addresses, told) = AsyncStream.makeStream(of: String.self)
        var logger = Logger(label: "sandbox")
        logger.logLevel = .critical
        let sandbox = WeComSandbox(settings: settings, logger: logger) { told.yield($0) }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { told.finish() }
                try await sandbox.run()
            }
            defer { group.cancelAll() }
            var iterator = addresses.makeAsyncIterator()
            guard let address = await iterator.next() else {
                try await group.next()
                throw CancellationError()
            }
            return try await body(
                RunningSandbox(
                    baseURL: address, ledger: sandbox.ledger, contact: sandbox.contact, desk: sandbox.desk,
                    tokens: sandbox.tokens))
        }
    }

    /// Ids of the alerts that somebody would have read of, in order, repetitions included.
    package var alertIDs: [String] { ledger.calls().flatMap(\.alertIDs) }
}
