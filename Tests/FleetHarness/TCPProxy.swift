import NIOCore
import NIOPosix
import Synchronization

/// A way to a TCP server that can be cut or made slow.
package final class TCPProxy: Sendable {
    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private struct State {
        var delay = Duration.zero
        var open: [ObjectIdentifier: any Channel] = [:]
    }

    package let port: Int
    private let target: (host: String, port: Int)
    private let server: NIOAsyncChannel<Connection, Never>
    private let state = Mutex(State())

    /// Listens on a free port of the loopback interface.
    package init(to host: String, port target: Int) async throws {
        self.target = (host, target)
        server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
            }
        guard let port = server.channel.localAddress?.port else { throw ChannelError.unknownLocalAddress }
        self.port = port
    }

    /// Lets connections through until cancelled.
    package func run() async throws {
        try await server.executeThenClose { clients in
            try await withThrowingDiscardingTaskGroup { group in
                for try await client in clients { group.addTask { await self.serve(client) } }
            }
        }
    }

    /// Every byte takes this much longer, each way.
    package func delay(by duration: Duration) { state.withLock { $0.delay = duration } }

    /// Closes every connection; new ones are let through.
    package func cut() {
        let open = state.withLock { $0.open.values.map { $0 } }
        // One that is closed already is what was wanted.
        for channel in open { channel.close(mode: .all, promise: nil) }
    }

    private func serve(_ client: Connection) async {
        // Whatever ends one of the two sides ends the other: that is all a proxy has to say about an error.
        try? await client.executeThenClose { fromClient, toClient in
            let server = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(host: target.host, port: target.port) { channel in
                    channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
                }
            note(client.channel, server.channel)
            defer { forget(client.channel, server.channel) }
            try await server.executeThenClose { fromServer, toServer in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await self.pass(fromClient, to: toServer) }
                    group.addTask { try await self.pass(fromServer, to: toClient) }
                    defer { group.cancelAll() }
                    try await group.next()
                }
            }
        }
    }

    private func pass(
        _ source: NIOAsyncChannelInboundStream<ByteBuffer>, to sink: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws {
        for try await bytes in source {
            let delay = state.withLock { $0.delay }
            if delay > .zero { try await Task.sleep(for: delay) }
            try await sink.write(bytes)
        }
    }

    private func note(_ channels: any Channel...) {
        state.withLock { state in for channel in channels { state.open[ObjectIdentifier(channel)] = channel } }
    }

    private func forget(_ channels: any Channel...) {
        state.withLock { state in for channel in channels { state.open[ObjectIdentifier(channel)] = nil } }
    }
}
