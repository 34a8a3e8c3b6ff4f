import Alerting
import Contracts
import Foundation
import WeCom
import WorkerHost

/// Makes one call to a target as configured now. Failures are values; nothing is logged here, for addresses and keys
/// pass through.
struct ChannelCaller: Sendable {
    private let robot: GroupRobot
    private let webhook: Webhook
    private let app: AppCaller
    private let configuration: @Sendable () -> NotifierConfiguration

    init(
        http: OutboundHTTP, tokens: AccessTokens, settings: NotifierSettings,
        configuration: @escaping @Sendable () -> NotifierConfiguration
    ) {
        app = AppCaller(app: CorpApp(http: http, baseURL: settings.weComBaseURL), tokens: tokens)
        robot = GroupRobot(http: http, baseURL: settings.weComBaseURL)
        webhook = Webhook(http: http, addresses: AddressPolicy(allowsPrivate: settings.allowsPrivateWebhooks))
        self.configuration = configuration
    }

    func call(_ target: DeliveryTarget, _ payload: Claim.Payload) async -> CallReport {
        switch payload {
        case .markdown(let content): await callRobot(target, content)
        case .webhook(let alertID, let body): await callWebhook(target, alertID: alertID, body: body)
        case .app(let message, let plain): await callApp(target, message, plain: plain)
        }
    }

    /// Changes a card that the person has.
    func change(_ card: CardStore.Change, of target: DeliveryTarget) async -> AppCaller.Change {
        guard let owner = owner(of: target.corpID) else { return .again }
        return await app.replaceButtons(
            by: card.text, responseCode: card.responseCode, userID: target.id, as: owner)
    }

    private func callApp(_ target: DeliveryTarget, _ message: AppMessage, plain: AppMessage?) async -> CallReport {
        guard configuration().app(of: target.corpID) != nil else { return .targetUnknown }
        guard let owner = owner(of: target.corpID) else { return missingSecret(target) }
        NotifierMetrics.call(.app)
        return await app.send(message, plain: plain, to: target.id, as: owner)
    }

    private func owner(of corpID: String) -> AccessTokens.Owner? {
        guard let configured = configuration().app(of: corpID) else { return nil }
        return SecretReference(configured.secret).resolve().map {
            AccessTokens.Owner(corpID: corpID, agentID: configured.agentID, secret: $0)
        }
    }

    private func callRobot(_ target: DeliveryTarget, _ content: String) async -> CallReport {
        guard let configured = configuration().robot(target) else { return .targetUnknown }
        guard let key = SecretReference(configured.key).resolve() else { return missingSecret(target) }
        NotifierMetrics.call(.robot)
        switch await robot.send(markdown: content, key: key) {
        case .accepted: return CallReport(result: .accepted, detail: "accepted", httpStatus: 200, errcode: 0)
        case .code(let code):
            return CallReport(
                result: .platformCode(code), detail: "platform_code", httpStatus: 200, errcode: code)
        case .http(let status, let retryAfter):
            return CallReport(
                result: .gatewayStatus(status, retryAfter: retryAfter), detail: "gateway_status", httpStatus: status)
        case .unreachable: return .unreachable
        case .noAnswer: return .noAnswer
        }
    }

    private func callWebhook(_ target: DeliveryTarget, alertID: String, body: [UInt8]) async -> CallReport {
        guard let configured = configuration().webhook(target) else { return .targetUnknown }
        guard let secret = SecretReference(configured.secret).resolve() else { return missingSecret(target) }
        NotifierMetrics.call(.webhook)
        let answer = await webhook.send(
            to: configured.url, alertID: alertID, body: body, secret: secret,
            timestamp: Int64(Date().timeIntervalSince1970))
        switch answer {
        case .response(let status, _, _) where (200..<300).contains(status):
            return CallReport(result: .accepted, detail: "accepted", httpStatus: status)
        case .response(let status, let retryAfter, _):
            return CallReport(
                result: .httpStatus(status, retryAfter: retryAfter), detail: "http_status", httpStatus: status)
        case .unreachable: return .unreachable
        case .noAnswer: return .noAnswer
        case .addressRefused: return CallReport(result: .addressRefused, detail: "address_refused")
        }
    }

    private func missingSecret(_ target: DeliveryTarget) -> CallReport {
        NotifierMetrics.missingSecret(target.channel)
        return CallReport(result: .secretMissing, detail: "secret_missing")
    }
}

extension CallReport {
    static let notStarted = CallReport(result: .notStarted, detail: "claim_over")
    static let unreachable = CallReport(result: .unreachable, detail: "unreachable")
    static let noAnswer = CallReport(result: .noAnswer, detail: "no_answer")
    static let targetUnknown = CallReport(result: .targetUnknown, detail: "unknown_target")
}
