import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import TestSupport

/// The WeCom sandbox, as its admin calls show it.
package struct Sandbox: Sendable {
    package struct Call: Decodable, Sendable {
        package var path: String
        package var content: String
        package var alertIDs: [String]
        /// The message was taken in.
        package var effect: Bool

        enum CodingKeys: String, CodingKey {
            case path
            case content
            case alertIDs = "alert_ids"
            case effect
        }
    }

    private let url: String

    package init(url: String) { self.url = url }

    package func received() async throws -> [Call] {
        let response = try await call(HTTPClientRequest(url: url + "/sandbox/received"))
        return try JSONDecoder().decode([Call].self, from: response)
    }

    /// What a customer got by a mass-send task.
    package struct Touch: Decodable, Sendable {
        package var customerID: String
        package var text: String

        enum CodingKeys: String, CodingKey {
            case customerID = "customer_id"
            case text
        }
    }

    package func touches() async throws -> [Touch] {
        let response = try await call(HTTPClientRequest(url: url + "/sandbox/touches"))
        return try JSONDecoder().decode([Touch].self, from: response)
    }

    package func add(fault: [String: any Sendable]) async throws {
        var request = HTTPClientRequest(url: url + "/sandbox/faults")
        request.method = .POST
        request.body = .bytes(try JSONSerialization.data(withJSONObject: fault))
        _ = try await call(request)
    }

    private func call(_ request: HTTPClientRequest) async throws -> ByteBuffer {
        let response = try await HTTPClient.shared.execute(request, timeout: TimeAmount(Patience.limit))
        return try await response.body.collect(upTo: 64 << 20)
    }
}
