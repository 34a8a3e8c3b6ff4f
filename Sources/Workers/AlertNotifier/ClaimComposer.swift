import Alerting
import Contracts
import Foundation
import WeCom

/// Makes calls out of due deliveries: texts, bodies, links. Pure.
struct ClaimComposer: Sendable {
    let link: AlertLink
    /// Unix seconds.
    let linkExpiry: Int64
    let directory: Directory?
    /// Cards of the corp's app can have buttons: clicks come back.
    var hasButtons = false
    /// The only person who gets the links; `nil` for targets that several people see.
    var recipient: String?

    /// As many deliveries of a group robot as fit into one message, from the first on.
    func robotCall(id: String, _ deliveries: [OpenDelivery], waiting: Int) -> Composed {
        let (readable, unreadable) = read(deliveries)
        guard !readable.isEmpty else { return Composed(calls: [], unreadable: unreadable) }
        let notices = readable.map(notice)
        // Once the platform has called a message too long, the next one has half the room.
        let room = RobotMarkdown.maximumBytes / (readable.contains { $0.delivery.machine.shortened } ? 2 : 1)
        let message = RobotMarkdown.message(notices, waiting: waiting, maximumBytes: room)
        let call = Claim.Call(
            id: id, deliveries: readable.prefix(message.included).map(\.claimed), payload: .markdown(message.content))
        return Composed(calls: [call], unreadable: unreadable)
    }

    /// One call for each delivery of a webhook.
    func webhookCalls(id: String, _ deliveries: [OpenDelivery]) -> Composed {
        let (readable, unreadable) = read(deliveries)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var composed = Composed(calls: [], unreadable: unreadable)
        for item in readable {
            do {
                let body = try encoder.encode(WebhookNotice(alert: item.alert, notice: notice(item)))
                // An id of its own, so that a receiver that drops repetitions hears of an escalation.
                let escalation = item.delivery.escalation.map { ":e\($0.number)" } ?? ""
                composed.calls.append(
                    Claim.Call(
                        id: "\(id).\(item.delivery.id)", deliveries: [item.claimed],
                        payload: .webhook(alertID: item.alert.alertID + escalation, body: Array(body))))
            } catch {
                composed.unreadable.append(item.delivery.id)
            }
        }
        return composed
    }

    /// A card for each alert as long as the person's budget allows; otherwise one message that leads to all of them.
    /// 提示 get no card unless they come alone.
    ///
    /// - Parameter free: messages the person may get now; 0 for a summary whatever there is.
    func appCalls(id: String, _ deliveries: [OpenDelivery], waiting: Int, free: Int) -> Composed {
        let (readable, unreadable) = read(deliveries)
        let urgent = readable.count == 1 ? readable : readable.filter { $0.alert.rule.severity > .notice }
        guard !readable.isEmpty else { return Composed(calls: [], unreadable: unreadable) }
        if !urgent.isEmpty, urgent.count <= free {
            return Composed(calls: urgent.map { cardCall(id: id, $0) }, unreadable: unreadable)
        }
        let summary = AppSummary(readable.map(notice), waiting: waiting)
        let message = AppMessage.textCard(
            title: summary.title, description: summary.description, url: link.url(summaryID: id, expiry: linkExpiry),
            button: "查看")
        let call = Claim.Call(id: id, deliveries: readable.map(\.claimed), payload: .app(message, plain: nil))
        return Composed(calls: [call], unreadable: unreadable)
    }

    private func cardCall(id: String, _ item: Item) -> Claim.Call {
        let card = AppCard(notice(item))
        let text = card.textCard
        let plain = AppMessage.textCard(title: text.title, description: text.description, url: card.link, button: "查看")
        var call = Claim.Call(
            id: "\(id).\(item.delivery.id)", deliveries: [item.claimed], payload: .app(plain, plain: nil))
        guard hasButtons else { return call }
        // Never used again: the platform refuses a repeated task id.
        let taskID = "\(id).\(item.delivery.id)".replacing(".", with: "_")
        let buttons = AppMessage.ButtonCard(
            taskID: taskID, source: "敏感词告警", title: card.title, subtitle: card.subtitle, quote: card.quote,
            fields: card.fields.map { .init(name: $0.name, value: $0.value) }, url: card.link, urlTitle: "查看原文",
            buttons: [
                .init(text: "认领", key: CardButton.acknowledge.key(alertID: card.alertID), style: 1),
                .init(text: "误报", key: CardButton.falseAlarm.key(alertID: card.alertID), style: 3),
            ])
        call.payload = .app(.buttonCard(buttons), plain: plain)
        call.card = Claim.Card(taskID: taskID, alertID: card.alertID)
        return call
    }

    struct Composed: Sendable {
        var calls: [Claim.Call]
        /// Deliveries whose stored event is no alert.
        var unreadable: [Int64]
    }

    private struct Item {
        var delivery: OpenDelivery
        var alert: Alert

        var claimed: Claim.Delivery {
            Claim.Delivery(id: delivery.id, machine: delivery.machine, raisedAt: alert.raisedAt)
        }
    }

    private func read(_ deliveries: [OpenDelivery]) -> (readable: [Item], unreadable: [Int64]) {
        let decoder = JSONDecoder()
        var readable: [Item] = []
        var unreadable: [Int64] = []
        for delivery in deliveries {
            // It was decoded before it was stored; if it no longer is an alert, nobody can be told of it.
            if var alert = try? decoder.decode(Alert.self, from: Data(delivery.event)) {
                alert.rule.severity = delivery.severity ?? alert.rule.severity
                readable.append(Item(delivery: delivery, alert: alert))
            } else {
                unreadable.append(delivery.id)
            }
        }
        return (readable, unreadable)
    }

    private func notice(_ item: Item) -> AlertNotice {
        AlertNotice(
            alert: item.alert, joined: item.delivery.joined, directory: directory,
            link: link.url(alertID: item.alert.alertID, expiry: linkExpiry, recipient: recipient),
            mayBeRepeated: item.delivery.machine.mayBeRepeated, isRaised: item.delivery.isRaised,
            recalled: item.delivery.isRecalled, escalation: item.delivery.escalation)
    }
}
