import HTTPTypes
import Hummingbird
import NIOCore

/// `POST /cgi-bin/webhook/send?key=KEY`, with the platform's order of checks: robot, frequency, message.
struct RobotEndpoint: SandboxEndpoint {
    let ledger: SandboxLedger
    let settings: SandboxSettings

    func respond(to request: Request, context: SandboxContext) async throws -> Response {
        let buffer = try await request.body.collect(upTo: Self.maximumBodyBytes)
        let key = request.uri.queryParameters["key"].map(String.init)
        let fault = ledger.takeFault(path: request.uri.path, key: key)
        let verdict = RobotMessage.judge(Array(buffer: buffer))
        var call = ReceivedCall(
            time: now, path: request.uri.path, robot: key ?? "", webhook: nil, messageType: nil, content: "",
            alertIDs: [], headers: listed(request.headers), errcode: nil, status: 200, effect: false)
        if case .accepted(let message) = verdict {
            call.messageType = message.type
            call.content = message.content
            call.alertIDs = RobotMessage.alertIDs(in: message.content)
        }
        if let answer = try await answer(of: fault, context: context) {
            call.status = Int(answer.status.code)
            record(call)
            return answer
        }
        let code = errcode(verdict, key: key, fault: fault)
        call.time = now
        call.errcode = code
        call.effect = code == 0
        record(call)
        return finalAnswer(
            #"{"errcode":\#(code),"errmsg":"\#(code == 0 ? "ok" : "sandbox")"}"#, fault: fault, context: context)
    }

    private func errcode(_ verdict: RobotMessage.Verdict, key: String?, fault: SandboxFault?) -> Int {
        if fault?.kind == .errcode { return fault?.errcode ?? -1 }
        guard let key, !key.isEmpty, settings.robotKeys?.contains(key) ?? true else { return 93000 }
        switch verdict {
        case .refused(let code, _): return code
        case .accepted: return ledger.takePost(of: key, now: now) ? 0 : 45009
        }
    }
}
