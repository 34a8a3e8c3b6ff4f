import Foundation

/// Calls of the platform's JSON API: every answer has an `errcode`, whatever its status.
struct PlatformAPI: Sendable {
    private let http: OutboundHTTP
    private let baseURL: String

    init(http: OutboundHTTP, baseURL: String) {
        self.http = http
        self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
    }

    /// - Parameters:
    ///   - path: begins with a slash.
    ///   - query: values are escaped here; they may be secrets.
    func get<Value: Decodable & Sendable>(
        _ path: String, query: [(String, String)], as type: Value.Type
    ) async -> PlatformAnswer<Value> {
        answer(await http.get(url(path, query)))
    }

    func post<Value: Decodable & Sendable>(
        _ path: String, token: String, body: some Encodable & Sendable, as type: Value.Type
    ) async -> PlatformAnswer<Value> {
        let bytes: Data
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            bytes = try encoder.encode(body)
        } catch {
            return .code(40035)  // our own types always encode; if one ever does not, it is a bad parameter
        }
        return answer(
            await http.post(
                url(path, [("access_token", token)]),
                headers: [("Content-Type", "application/json; charset=utf-8")], body: Array(bytes)))
    }

    private struct Code: Decodable { var errcode: Int }

    private func answer<Value: Decodable & Sendable>(_ answer: HTTPAnswer) -> PlatformAnswer<Value> {
        switch answer {
        case .response(200..<300, _, let body):
            // An answer that can't be read may be a success that was cut off: nothing is known then.
            let decoder = JSONDecoder()
            guard let code = try? decoder.decode(Code.self, from: Data(body)).errcode else { return .unknown }
            guard code == 0 else { return .code(code) }
            guard let value = try? decoder.decode(Value.self, from: Data(body)) else { return .unknown }
            return .success(value)
        // The platform always says 200; whoever says something else may have passed the call on.
        case .response, .noAnswer: return .unknown
        case .unreachable, .addressRefused: return .unreachable
        }
    }

    private func url(_ path: String, _ query: [(String, String)]) -> String {
        var allowed = CharacterSet(charactersIn: "-_.~")
        allowed.insert(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        let pairs = query.map { "\($0)=\($1.addingPercentEncoding(withAllowedCharacters: allowed) ?? "")" }
        return baseURL + path + "?" + pairs.joined(separator: "&")
    }
}
