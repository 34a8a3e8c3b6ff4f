import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The calls of an app: token, message to a person, change of a card; with the platform's order of checks.
struct AppEndpoint: SandboxEndpoint {
    let ledger: SandboxLedger
    let settings: SandboxSettings
    let desk: AppDesk
    let tokens: TokenDesk

    func add(to router: Router<SandboxContext>) {
        router.get("/cgi-bin/gettoken") { request, context in try await token(request, context) }
        router.post("/cgi-bin/message/send") { request, context in try await send(request, context) }
        router.post("/cgi-bin/message/update_template_card") { request, context in try await update(request, context) }
    }

    private func token(_ request: Request, _ context: SandboxContext) async throws -> Response {
        tokens.countCall()
        let fault = ledger.takeFault(path: request.uri.path, key: nil)
        if let answer = try await answer(of: fault, context: context) { return answer }
        let query = request.uri.queryParameters
        var code = fault?.kind == .errcode ? fault?.errcode ?? -1 : 0
        let (corpID, secret) = (query["corpid"].map(String.init) ?? "", query["corpsecret"].map(String.init) ?? "")
        let secrets = [settings.appSecret, settings.contactSecret].compactMap(\.self)
        if code == 0, corpID.isEmpty { code = 40013 }
        if code == 0, !secrets.isEmpty, !secrets.contains(secret) { code = 40001 }
        guard code == 0 else {
            ledger.count("errcode_\(code)")
            return finalAnswer(Self.error(code), fault: fault, context: context)
        }
        let token = tokens.issue(corpID: corpID, secret: secret, seconds: settings.tokenSeconds, now: now)
        return finalAnswer(
            #"{"errcode":0,"errmsg":"ok","access_token":"\#(token)","expires_in":\#(settings.tokenSeconds)}"#,
            fault: fault, context: context)
    }

    private func send(_ request: Request, _ context: SandboxContext) async throws -> Response {
        let body = Array(buffer: try await request.body.collect(upTo: Self.maximumBodyBytes))
        let message = AppCall(body)
        let user = message?.user ?? ""
        let fault = ledger.takeFault(path: request.uri.path, key: user)
        var call = ReceivedCall(
            time: now, path: request.uri.path, robot: nil, webhook: nil, messageType: message?.type,
            content: message?.content ?? "", alertIDs: RobotMessage.alertIDs(in: message?.content ?? ""),
            headers: [:], errcode: nil, status: 200, effect: false, user: user, taskID: message?.taskID)
        if let answer = try await answer(of: fault, context: context) {
            call.status = Int(answer.status.code)
            record(call)
            return answer
        }
        var (code, extra) = judge(message, token: request.uri.queryParameters["access_token"].map(String.init))
        if fault?.kind == .errcode { (code, extra) = (fault?.errcode ?? -1, "") }
        call.time = now
        call.errcode = code
        call.effect = code == 0 && extra.isEmpty
        if call.effect, !ledger.takeMessage(to: user.lowercased(), now: call.time) {
            (call.effect, call.dropped) = (false, true)
        }
        if code == 0, extra.isEmpty, let task = message?.taskID {
            if let response = desk.takeTask(task) {
                extra = #","response_code":"\#(response)""#
            } else {
                (code, call.errcode, call.effect) = (42014, 42014, false)
            }
        }
        record(call)
        let answer =
            code == 0 ? #"{"errcode":0,"errmsg":"ok","msgid":"m"\#(extra)}"# : Self.error(code)
        return finalAnswer(answer, fault: fault, context: context)
    }

    /// The code, and what the answer says of the person.
    private func judge(_ message: AppCall?, token: String?) -> (code: Int, extra: String) {
        let code = refusal(of: token)
        guard code == 0 else { return (code, "") }
        guard let message else { return (40035, "") }
        guard message.refusal == 0 else { return (message.refusal, "") }
        if message.taskID != nil, settings.callback == nil { return (43012, "") }
        if let members = settings.members, !members.contains(where: { $0.lowercased() == message.user.lowercased() }) {
            // The only one: all are wrong.
            return (81013, "")
        }
        if settings.unlicensed.contains(where: { $0.lowercased() == message.user.lowercased() }) {
            return (0, #","unlicenseduser":"\#(message.user.lowercased())""#)
        }
        return (0, "")
    }

    private func update(_ request: Request, _ context: SandboxContext) async throws -> Response {
        struct Update: Decodable {
            struct Button: Decodable { var replace_name: String }
            var userids: [String]
            var response_code: String
            var button: Button
        }
        let body = try await request.body.collect(upTo: Self.maximumBodyBytes)
        let fault = ledger.takeFault(path: request.uri.path, key: nil)
        if let answer = try await answer(of: fault, context: context) { return answer }
        var code = refusal(of: request.uri.queryParameters["access_token"].map(String.init))
        if fault?.kind == .errcode { code = fault?.errcode ?? -1 }
        // Whatever is no such object is a bad parameter.
        let update = try? JSONDecoder().decode(Update.self, from: Data(Array(buffer: body)))
        if code == 0, update == nil { code = 40035 }
        if code == 0, let update, !desk.replaceButtons(code: update.response_code, by: update.button.replace_name) {
            code = 42052
        }
        if code == 0, let update, let path = settings.showPath {
            append("── 卡片更新 → \(update.userids.joined(separator: ", "))：\(update.button.replace_name) ──\n\n", to: path)
        }
        return finalAnswer(
            code == 0 ? #"{"errcode":0,"errmsg":"ok"}"# : Self.error(code), fault: fault, context: context)
    }

    /// The platform's code for a call with this token; 0 when it is one that lives.
    private func refusal(of token: String?) -> Int {
        do throws(TokenDesk.Refusal) {
            _ = try tokens.corp(of: token, now: now)
            return 0
        } catch {
            return error.code
        }
    }

    private static func error(_ code: Int) -> String { #"{"errcode":\#(code),"errmsg":"sandbox"}"# }
}
