import Alerting
import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import Postgres

/// What the page answers to good links.
extension AlertPageServer {
    /// How long a visitor waits for the broker, and then for the lane's decision, before they are told to come back.
    private static let patience = Duration.seconds(5)
    private static let lookInterval = Duration.milliseconds(100)

    func show(_ visit: Visit) async throws -> Answer {
        guard let alert = try await alert(visit.alertID) else { return .refused(.notFound, "missing", "告警不存在") }
        let directory = configuration().directory(of: alert.corpID)
        let standing = try await StandingStore.read(visit.alertID, on: pool)
        var generator = SystemRandomNumberGenerator()
        var handling = AlertHandling(
            actor: visit.recipient.map { directory?.employee($0)?.name ?? $0 },
            token: actions == nil
                ? nil : tokens.make(alertID: visit.alertID, now: visit.now, using: &generator))
        if let actionID = visit.actionID {
            let decided = try await StandingStore.outcome(of: actionID, alertID: visit.alertID, on: pool)
            handling.decision =
                decided.map { outcome, holder in
                    .decided(outcome, holder: holder.map { directory?.employee($0)?.name ?? $0 })
                } ?? .onItsWay
        }
        return Answer(
            status: .ok, result: "shown",
            page: AlertPage.html(
                alert, followUp: try await FollowUpStore.read(visit.alertID, on: pool), standing: standing,
                handling: handling, directory: directory))
    }

    /// Takes one action: publishes it, and leads to the page that says what was decided. The same form again leads to the
    /// same page and does nothing.
    func act(_ visit: Visit, _ request: Request) async throws -> Answer {
        guard let actions else { return .refused(.methodNotAllowed, "read_only", "此页面只能查看") }
        // Browsers say where a form comes from; a good token could not be there anyway.
        if let site = HTTPField.Name("sec-fetch-site").flatMap({ request.headers[$0] }), site != "same-origin",
            site != "none"
        {
            return .refused(.forbidden, "cross_site", "请从告警页面提交")
        }
        guard request.headers[.contentType]?.lowercased().hasPrefix("application/x-www-form-urlencoded") == true else {
            return .refused(.unsupportedMediaType, "malformed", "提交的内容无法识别")
        }
        guard let bytes = try? await request.body.collect(upTo: ActionForm.maximumBytes) else {
            return .refused(.contentTooLarge, "too_large", "提交的内容过长")
        }
        let form: ActionForm
        do {
            form = try ActionForm(String(buffer: bytes), recipient: visit.recipient)
        } catch {
            return .refused(.badRequest, "malformed", error.text)
        }
        guard let actionID = tokens.actionID(of: form.token, alertID: visit.alertID, now: visit.now) else {
            return .refused(.forbidden, "bad_token", "页面已失效，请重新打开链接")
        }
        guard let alert = try await alert(visit.alertID) else { return .refused(.notFound, "missing", "告警不存在") }
        let next = Answer(status: .seeOther, result: "acted", location: "?\(visit.query)&done=\(actionID)")
        if try await StandingStore.outcome(of: actionID, alertID: visit.alertID, on: pool) != nil {
            return Answer(status: .seeOther, result: "repeated", location: next.location)
        }
        let action = AlertAction(
            corpID: alert.corpID, alertID: alert.alertID, conversationID: alert.message.conversation.id,
            actionID: actionID, kind: form.kind, actor: form.actor, origin: .page,
            at: Int64(Date().timeIntervalSince1970 * 1000), result: form.result, note: form.note)
        guard try await isPublished(action, by: actions) else {
            return .refused(.serviceUnavailable, "not_published", "尚未确认是否提交成功，请稍后刷新告警页面查看")
        }
        try await waitForDecision(actionID, alertID: visit.alertID)
        return next
    }

    /// `false`: the broker has not confirmed it in time.
    private func isPublished(_ action: AlertAction, by actions: AlertActionPublisher) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await actions.publish(action)
                return true
            }
            group.addTask {
                try await Task.sleep(for: Self.patience)
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }

    private func waitForDecision(_ actionID: String, alertID: String) async throws {
        let deadline = ContinuousClock.now + Self.patience
        while ContinuousClock.now < deadline {
            if try await StandingStore.outcome(of: actionID, alertID: alertID, on: pool) != nil { return }
            try await Task.sleep(for: Self.lookInterval)
        }
    }

    private func alert(_ id: String) async throws -> Alert? {
        let rows = try await pool.execute(
            "SELECT event, severity FROM alerting.alerts WHERE alert_id = $1", [.text(id)])
        return try rows.first.map { try Alert(stored: $0) }
    }
}
