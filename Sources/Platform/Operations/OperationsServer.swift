import Foundation
import HTTPTypes
import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle

/// Serves `/livez`, `/readyz` and `/metrics` until shut down.
///
/// Health answers are 200 with `ok`, or 503 with the reason in a sentence.
package struct OperationsServer: Service {
    /// The address cannot be used.
    package struct AddressUnavailable: Error, Equatable, CustomStringConvertible {
        package var address: String
        package var reason: String

        package var description: String {
            "cannot listen on \(address): \(reason); choose another address, or port 0 for any free one"
        }
    }

    private let host: String
    private let port: Int
    private let metrics: PrometheusMetrics
    private let live: @Sendable () -> Health
    private let ready: @Sendable () -> Health
    private let logger: Logger
    private let onListening: @Sendable (Int) -> Void

    /// - Parameters:
    ///   - port: 0 for any free one.
    ///   - onListening: called once with the port in use.
    package init(
        host: String, port: Int, metrics: PrometheusMetrics, live: @escaping @Sendable () -> Health,
        ready: @escaping @Sendable () -> Health, logger: Logger,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.host = host
        self.port = port
        self.metrics = metrics
        self.live = live
        self.ready = ready
        self.onListening = onListening
        var logger = logger
        // Hummingbird reports every start and request, and errors when it is merely cancelled; what matters is thrown.
        logger.logLevel = .critical
        self.logger = logger
    }

    /// - Throws: ``AddressUnavailable``.
    package func run() async throws {
        let router = Router()
        router.get("livez") { _, _ in Self.answer(live()) }
        router.get("readyz") { _, _ in Self.answer(ready()) }
        router.get("metrics") { _, _ in
            Self.response(.ok, metrics.page(), type: "text/plain; version=0.0.4; charset=utf-8")
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname(host, port: port), serverName: nil),
            onServerRunning: { channel in
                // A listening TCP socket always has a port.
                onListening(channel.localAddress?.port ?? port)
            }, logger: logger)
        do {
            try await application.run()
        } catch let error as IOError {
            throw AddressUnavailable(address: "\(host):\(port)", reason: String(cString: strerror(error.errnoCode)))
        }
    }

    private static func answer(_ health: Health) -> Response {
        switch health {
        case .good: response(.ok, "ok\n")
        case .bad(let reason): response(.serviceUnavailable, reason + "\n")
        }
    }

    private static func response(
        _ status: HTTPResponse.Status, _ text: String, type: String = "text/plain; charset=utf-8"
    ) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
