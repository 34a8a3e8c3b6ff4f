import Alerting
import Contracts
import WeCom

/// Calls of an app, with its access token: once more with a new one when the platform calls it invalid.
struct AppCaller: Sendable {
    let app: CorpApp
    let tokens: AccessTokens

    /// Writes to a person.
    /// - Parameter plain: the same without buttons, for an app that the platform doesn't let send cards.
    func send(
        _ message: AppMessage, plain: AppMessage?, to userID: String, as owner: AccessTokens.Owner
    ) async -> CallReport {
        let answer = await withToken(of: owner) { token in
            await app.send(message, to: userID, agentID: owner.agentID, token: token)
        }
        // No call-back is set at the platform, or it does not like the card: nothing was sent.
        if case .answer(.code(let code)) = answer, let plain, code == 43012 || (42014...42017).contains(code) {
            return report(
                await withToken(of: owner) { token in
                    await app.send(plain, to: userID, agentID: owner.agentID, token: token)
                })
        }
        return report(answer)
    }

    /// What becomes of a change of a card.
    enum Change: Sendable {
        case done
        case again
        case never
    }

    func replaceButtons(
        by text: String, responseCode: String, userID: String, as owner: AccessTokens.Owner
    ) async -> Change {
        let answer = await withToken(of: owner) { token in
            await app.replaceButtons(
                by: text, responseCode: responseCode, userID: userID, agentID: owner.agentID, token: token)
        }
        switch answer {
        case .answer(.accepted): return .done
        case .answer(.code(let code)) where ![-1, 6000, 45009, 45033].contains(code): return .never
        default: return .again
        }
    }

    private enum Attempt<Value: Sendable & Equatable>: Sendable {
        case answer(CorpApp.Answer<Value>)
        case noToken
        case secretRefused
    }

    private func withToken<Value>(
        of owner: AccessTokens.Owner, _ call: (String) async -> CorpApp.Answer<Value>
    ) async -> Attempt<Value> {
        for _ in 0..<2 {
            switch await tokens.token(of: owner) {
            case .unavailable: return .noToken
            case .secretRefused: return .secretRefused
            case .token(let token):
                let answer = await call(token.text)
                guard case .code(let code) = answer, [40014, 41001, 42001].contains(code) else {
                    return .answer(answer)
                }
                await tokens.drop(token, of: owner)
            }
        }
        return .noToken
    }

    private func report(_ attempt: Attempt<CorpApp.Receipt>) -> CallReport {
        switch attempt {
        case .noToken: return CallReport(result: .tokenUnavailable, detail: "no_access_token")
        case .secretRefused: return CallReport(result: .secretRefused, detail: "secret_refused")
        case .answer(.accepted(let receipt)) where receipt.isInvalid || receipt.isUnlicensed:
            let fault = receipt.isInvalid ? RecipientFault.invalid : .unlicensed
            return CallReport(
                result: .recipientRefused(fault), detail: fault.rawValue, httpStatus: 200, errcode: 0)
        case .answer(.accepted(let receipt)):
            return CallReport(
                result: .accepted, detail: "accepted", httpStatus: 200, errcode: 0, responseCode: receipt.responseCode)
        case .answer(.code(let code)):
            return CallReport(result: .platformCode(code), detail: "platform_code", httpStatus: 200, errcode: code)
        case .answer(.http(let status, let retryAfter)):
            return CallReport(
                result: .gatewayStatus(status, retryAfter: retryAfter), detail: "gateway_status", httpStatus: status)
        case .answer(.unreachable): return .unreachable
        case .answer(.noAnswer): return .noAnswer
        }
    }
}
