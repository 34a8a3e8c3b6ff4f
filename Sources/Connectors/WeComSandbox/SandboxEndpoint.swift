import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// What robot and webhook calls have in common: faults, recording, hanging up.
protocol SandboxEndpoint: Sendable {
    var ledger: SandboxLedger { get }
    var settings: SandboxSettings { get }
}

extension SandboxEndpoint {
    /// Larger bodies are refused with 413, as any server would.
    static var maximumBodyBytes: Int { 4 * 1024 * 1024 }

    var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    /// Headers worth listing.
    func listed(_ headers: HTTPFields) -> [String: String] {
        var result: [String: String] = [:]
        for field in headers where field.name.canonicalName.hasPrefix("x-") || field.name == .contentType {
            result[field.name.canonicalName] = field.value
        }
        return result
    }

    func record(_ call: ReceivedCall) {
        ledger.record(call)
        if call.effect, let path = settings.showPath { append(ManagerView.text(of: call), to: path) }
    }

    /// The file is a convenience, the ledger has the call: a file that cannot be written is left alone. Opened for
    /// appending and written at once, so that calls do not overwrite each other.
    func append(_ text: String, to path: String) {
        guard let file = fopen(path, "a") else { return }
        fputs(text, file)
        fclose(file)
    }

    func json(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json; charset=UTF-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// The answer of a fault that stops the call before its effect; `nil` when it goes on.
    func answer(of fault: SandboxFault?, context: SandboxContext) async throws -> Response? {
        guard let fault else { return nil }
        switch fault.kind {
        case .slow:
            try await Task.sleep(for: .milliseconds(fault.delayMilliseconds ?? 1000))
            return nil
        case .http500: return Response(status: .internalServerError)
        case .httpStatus:
            var headers = HTTPFields()
            if let seconds = fault.retryAfter { headers[.retryAfter] = String(seconds) }
            return Response(status: HTTPResponse.Status(code: fault.status ?? 503), headers: headers)
        case .dropBeforeEffect:
            context.hangUp()
            return Response(status: .internalServerError)
        case .errcode, .dropAfterEffect, .http500AfterEffect, .longAnswer, .stalledAnswer: return nil
        }
    }

    /// The answer to a call that was taken in, as a fault after the effect leaves it.
    func finalAnswer(_ text: String, fault: SandboxFault?, context: SandboxContext) -> Response {
        switch fault?.kind {
        case .dropAfterEffect: context.hangUp()
        case .http500AfterEffect: return Response(status: .internalServerError)
        case .longAnswer: return json(text + String(repeating: " ", count: 1 << 20))
        case .stalledAnswer:
            let delay = Duration.milliseconds(fault?.delayMilliseconds ?? 1000)
            let body = ResponseBody { writer in
                try await writer.write(ByteBuffer(string: " "))
                try await Task.sleep(for: delay)
                try await writer.write(ByteBuffer(string: text))
                try await writer.finish(nil)
            }
            return Response(status: .ok, headers: [.contentType: "application/json; charset=UTF-8"], body: body)
        default: break
        }
        return json(text)
    }
}
