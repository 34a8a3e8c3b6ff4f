import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// The WeCom sandbox, as its admin calls show it.
struct Sandbox: Sendable {
    struct Call: Decodable, Sendable {
        var path: String
        var content: String
        var alertIDs: [String]
        /// The message was taken in.
        var effect: Bool

        enum CodingKeys: String, CodingKey {
            case path
            case content
            case alertIDs = "alert_ids"
            case effect
        }
    }

    let url: String

    func received() async throws -> [Call] {
        let (data, _) = try await URLSession.shared.data(from: address("/sandbox/received"))
        return try JSONDecoder().decode([Call].self, from: data)
    }

    func add(fault: [String: any Sendable]) async throws {
        var request = URLRequest(url: try address("/sandbox/faults"))
        request.httpMethod = "POST"
        request.httpBody = try JSONSerialization.data(withJSONObject: fault)
        _ = try await URLSession.shared.data(for: request)
    }

    private func address(_ path: String) throws -> URL {
        guard let url = URL(string: url + path) else { throw URLError(.badURL) }
        return url
    }
}
