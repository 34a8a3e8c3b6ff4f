import Crypto
import HTTPTypes
import Hummingbird
import NIOCore

/// `POST /webhook/NAME`: takes in any body; when a secret is set, only one that is signed with it.
struct WebhookEndpoint: SandboxEndpoint {
    let ledger: SandboxLedger
    let settings: SandboxSettings

    func respond(to request: Request, context: SandboxContext) async throws -> Response {
        let body = Array(buffer: try await request.body.collect(upTo: Self.maximumBodyBytes))
        let fault = ledger.takeFault(path: request.uri.path, key: nil)
        let headers = listed(request.headers)
        var call = ReceivedCall(
            time: now, path: request.uri.path, robot: nil, webhook: context.parameters.get("name"), messageType: nil,
            content: String(decoding: body, as: UTF8.self), alertIDs: headers["x-alert-id"].map { [$0] } ?? [],
            headers: headers, errcode: nil, status: 200, effect: false)
        if let answer = try await answer(of: fault, context: context) {
            call.status = Int(answer.status.code)
            record(call)
            return answer
        }
        call.time = now
        if let secret = settings.webhookSecret, !isSigned(body, headers: headers, secret: secret) {
            call.status = 401
            record(call)
            return json(#"{"error":"bad signature"}"#, status: .unauthorized)
        }
        if fault?.kind == .errcode {
            call.status = 400
            record(call)
            return json(#"{"error":"sandbox"}"#, status: .badRequest)
        }
        call.effect = true
        record(call)
        return finalAnswer(#"{"ok":true}"#, fault: fault, context: context)
    }

    /// Written apart from the sender's code, so that a fault there does not hide itself here.
    private func isSigned(_ body: [UInt8], headers: [String: String], secret: String) -> Bool {
        guard let timestamp = headers["x-timestamp"], let signature = headers["x-signature"],
            signature.hasPrefix("sha256="), let code = bytes(hex: signature.dropFirst(7))
        else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            code, authenticating: Array(timestamp.utf8) + [0x2e] + body,
            using: SymmetricKey(data: Array(secret.utf8)))
    }

    private func bytes(hex: Substring) -> [UInt8]? {
        let digits = hex.compactMap(\.hexDigitValue)
        guard digits.count == hex.count, digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }
}
