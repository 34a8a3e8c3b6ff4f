import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// Outgoing HTTP calls: no redirects, one deadline over everything, bounded answers, errors as values.
///
/// Never logs: addresses hold keys.
package struct OutboundHTTP: Sendable {
    /// More of an answer is not read; the platform's answers have some hundred bytes.
    package static let maximumAnswerBytes = 64 * 1024

    private let client: HTTPClient
    /// A call that takes longer counts as ``HTTPAnswer/noAnswer``.
    package let requestTimeout: Duration

    /// Gives `body` a client that is shut down afterwards.
    package static func withClient<Result>(
        requestTimeout: Duration = .seconds(10), connectTimeout: Duration = .seconds(3),
        _ body: (OutboundHTTP) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = TimeAmount(connectTimeout)
        // A kept connection that the other side closes as we write looks like a call that may have arrived.
        configuration.connectionPool.idleTimeout = .seconds(2)
        // Repeating is the caller's decision, and is recorded.
        configuration.connectionPool.retryConnectionEstablishment = false
        return try await HTTPClient.withHTTPClient(configuration: configuration) { client in
            try await body(OutboundHTTP(client: client, requestTimeout: requestTimeout))
        }
    }

    package func get(_ url: String) async -> HTTPAnswer { await answer(to: HTTPClientRequest(url: url)) }

    package func post(_ url: String, headers: [(String, String)], body: [UInt8]) async -> HTTPAnswer {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        request.body = .bytes(ByteBuffer(bytes: body))
        return await answer(to: request)
    }

    private func answer(to request: HTTPClientRequest) async -> HTTPAnswer {
        let start = ContinuousClock.now
        do {
            let response = try await client.execute(
                request, timeout: .nanoseconds(Int64(requestTimeout / .nanoseconds(1))))
            return .response(
                status: Int(response.status.code),
                retryAfter: response.headers.first(name: "Retry-After").flatMap(Self.retryAfter),
                body: await Self.beginning(of: response.body, until: start + requestTimeout))
        } catch {
            return Self.answer(for: error)
        }
    }

    /// As much of the body as is wanted. The head has arrived, so the other side has judged the call: whatever happens to
    /// the rest of the answer, the status stands.
    ///
    /// The client's own deadline ends with the head, so a body that never ends is given up here; then nothing of it counts.
    private static func beginning(
        of body: HTTPClientResponse.Body, until deadline: ContinuousClock.Instant
    ) async -> [UInt8] {
        await withTaskGroup(of: [UInt8].self) { group in
            group.addTask { await beginning(of: body) }
            group.addTask {
                // Ends early only when the body has been read.
                try? await Task.sleep(until: deadline, clock: .continuous)
                return []
            }
            defer { group.cancelAll() }
            return await group.next() ?? []
        }
    }

    private static func beginning(of body: HTTPClientResponse.Body) async -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            for try await part in body {
                bytes += part.readableBytesView.prefix(maximumAnswerBytes - bytes.count)
                if bytes.count >= maximumAnswerBytes { break }
            }
        } catch {
            return bytes
        }
        return bytes
    }

    /// Only failures that are known to come before the first byte count as unreachable.
    private static func answer(for error: any Error) -> HTTPAnswer {
        switch error {
        case is NIOConnectionError: .unreachable
        case let error as HTTPClientError: answer(for: error)
        case let error as IOError where [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH].contains(error.errnoCode):
            .unreachable
        default: .noAnswer
        }
    }

    private static func answer(for error: HTTPClientError) -> HTTPAnswer {
        switch error {
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout, .httpProxyHandshakeTimeout,
            .socksHandshakeTimeout:
            .unreachable
        case .invalidURL, .emptyHost, .emptyScheme: .addressRefused
        default: .noAnswer
        }
    }

    /// Seconds, or a date as HTTP writes it.
    private static func retryAfter(_ value: String) -> Duration? {
        if let seconds = Int(value.trimmingCharacters(in: .whitespaces)) {
            return .seconds(min(max(seconds, 0), 86_400))
        }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = .gmt
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        guard let date = formatter.date(from: value) else { return nil }
        return .seconds(min(max(date.timeIntervalSinceNow, 0), 86_400))
    }
}
