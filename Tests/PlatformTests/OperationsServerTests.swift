import CoreMetrics
import Foundation
import FoundationNetworking
import Logging
import Operations
import Synchronization
import TestSupport
import Testing

struct OperationsServerTests {
    @Test func healthAndMetricsAreServedOverHTTP() async throws {
        let ready = Mutex(Health.bad("waiting for PostgreSQL: connection refused"))
        let metrics = PrometheusMetrics()
        metrics.makeCounter(label: "seen", dimensions: []).increment(by: 3)
        try await serving(metrics: metrics, ready: { ready.withLock { $0 } }) { port in
            try await #expect(
                get(port, "livez") == Answer(status: 200, body: "ok\n", type: "text/plain; charset=utf-8"))
            try await #expect(
                get(port, "readyz")
                    == Answer(
                        status: 503, body: "waiting for PostgreSQL: connection refused\n",
                        type: "text/plain; charset=utf-8"))
            ready.withLock { $0 = .good }
            try await #expect(get(port, "readyz").status == 200)
            try await #expect(
                get(port, "metrics")
                    == Answer(
                        status: 200, body: "# TYPE seen counter\nseen 3\n",
                        type: "text/plain; version=0.0.4; charset=utf-8"))
            try await #expect(get(port, "nothing").status == 404)
        }
    }

    @Test func aTakenPortIsNamedInTheError() async throws {
        try await serving { port in
            let second = server(port: port) { _ in Issue.record("listened on a taken port") }
            let error = await #expect(throws: OperationsServer.AddressUnavailable.self) { try await second.run() }
            #expect(error?.address == "127.0.0.1:\(port)")
            #expect(error?.description.contains("in use") == true)
        }
    }

    private func server(
        port: Int = 0, metrics: PrometheusMetrics = PrometheusMetrics(),
        ready: @escaping @Sendable () -> Health = { .good }, onListening: @escaping @Sendable (Int) -> Void
    ) -> OperationsServer {
        OperationsServer(
            host: "127.0.0.1", port: port, metrics: metrics, live: { .good }, ready: ready,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, onListening: onListening)
    }

    /// Runs `body` with the port of a server that stops afterwards.
    private func serving(
        metrics: PrometheusMetrics = PrometheusMetrics(), ready: @escaping @Sendable () -> Health = { .good },
        _ body: (Int) async throws -> Void
    ) async throws {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let server = server(metrics: metrics, ready: ready) { continuation.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { continuation.finish() }
                try await server.run()
            }
            var iterator = ports.makeAsyncIterator()
            if let port = await iterator.next() {
                #expect(port > 0)
                try await body(port)
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private struct Answer: Equatable {
        var status: Int
        var body: String
        var type: String?
    }

    private func get(_ port: Int, _ path: String) async throws -> Answer {
        let url = try #require(URL(string: "http://127.0.0.1:\(port)/\(path)"))
        let request = URLRequest(url: url, timeoutInterval: TimeInterval(Patience.limit.components.seconds))
        let (data, response) = try await URLSession.shared.data(for: request)
        let http = try #require(response as? HTTPURLResponse)
        return Answer(
            status: http.statusCode, body: String(decoding: data, as: UTF8.self),
            type: http.value(forHTTPHeaderField: "Content-Type"))
    }
}
