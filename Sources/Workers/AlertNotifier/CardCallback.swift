import Alerting
package import Contracts
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
package import Logging
import NIOCore
package import Postgres
import WeCom
import WorkerHost

/// Hears of clicks on cards: `GET` and `POST /wecom/callback/CORP`.
///
/// Verifies, publishes what the person wants as an ``AlertAction``, and answers; any copy may do it. Nothing is decided
/// here. A replay is harmless: the action's id is made from the click, and the same action again changes nothing.
/// Old ones are refused all the same. Neither the token, the key, nor anything of a refused call is logged.
package struct CardCallback: Sendable {
    /// A call whose time differs more from ours is a replay.
    private static let tolerance: Int64 = 600

    private let configuration: @Sendable () -> NotifierConfiguration
    private let pool: PostgresPool
    private let logger: Logger
    private let publish: @Sendable (AlertAction) async throws -> Void

    /// - Parameter publish: returns when `alert.actions.v1` has the action.
    package init(
        configuration: @escaping @Sendable () -> NotifierConfiguration, pool: PostgresPool, logger: Logger,
        publish: @escaping @Sendable (AlertAction) async throws -> Void
    ) {
        self.configuration = configuration
        self.pool = pool
        self.logger = logger
        self.publish = publish
    }

    /// What a call is answered with.
    package struct Answer: Sendable, Equatable {
        package var status: Int
        package var body: String

        package init(status: Int, body: String = "") {
            self.status = status
            self.body = body
        }
    }

    func add<Context: RequestContext>(to router: Router<Context>) {
        router.get("/wecom/callback/:corp") { request, context in
            let query = request.uri.queryParameters
            return response(
                echo(
                    corpID: context.parameters.get("corp") ?? "",
                    Signed(query.map { (String($0.key), String($0.value)) }),
                    now: Int64(Date().timeIntervalSince1970)))
        }
        router.post("/wecom/callback/:corp") { request, context in
            let query = request.uri.queryParameters.map { (String($0.key), String($0.value)) }
            var body: [UInt8]?
            do {
                body = Array(buffer: try await request.body.collect(upTo: CallbackCipher.maximumBytes))
            } catch {
                body = nil  // larger than anything the platform sends, or it broke off
            }
            return response(
                await receive(
                    corpID: context.parameters.get("corp") ?? "", Signed(query), body: body,
                    now: Int64(Date().timeIntervalSince1970)))
        }
    }

    /// What stands in the query.
    package struct Signed: Sendable {
        var signature = ""
        var timestamp = ""
        var nonce = ""
        var echo = ""

        package init(_ query: [(String, String)]) {
            for (name, value) in query {
                let value = value.removingPercentEncoding ?? value
                switch name {
                case "msg_signature": signature = value
                case "timestamp": timestamp = value
                case "nonce": nonce = value
                case "echostr": echo = value
                default: break
                }
            }
        }
    }

    private enum Refusal: Error {
        case unknownCorp
        case stale
        case cipher(CallbackCipher.Refusal)

        var word: String {
            switch self {
            case .unknownCorp: "unknown_corp"
            case .stale: "stale"
            case .cipher(let refusal): refusal.rawValue
            }
        }
    }

    /// The platform asks whether somebody with the key is there, when the address is entered in its console.
    package func echo(corpID: String, _ signed: Signed, now: Int64) -> Answer {
        do {
            let plain = try open(signed.echo, corpID: corpID, signed, now: now)
            report("echo", corpID: corpID)
            return Answer(status: 200, body: String(decoding: plain, as: UTF8.self))
        } catch {
            return refuse(error, corpID: corpID)
        }
    }

    /// - Parameter body: `nil` for one that is too large.
    package func receive(corpID: String, _ signed: Signed, body: [UInt8]?, now: Int64) async -> Answer {
        let click: CardClick
        do {
            guard let body else { throw Refusal.cipher(.tooLarge) }
            guard let encrypted = CallbackXML(body)?.fields["Encrypt"] else { throw Refusal.cipher(.malformed) }
            let plain = try open(encrypted, corpID: corpID, signed, now: now)
            guard let event = CallbackXML(plain) else { throw Refusal.cipher(.malformed) }
            guard let found = CardClick(event) else {
                // Another event of the app, which nobody here needs.
                report("ignored", corpID: corpID)
                return Answer(status: 200)
            }
            click = found
        } catch let refusal as Refusal {
            return refuse(refusal, corpID: corpID)
        } catch {
            return refuse(.cipher(.malformed), corpID: corpID)
        }
        return await take(click, corpID: corpID)
    }

    private func open(
        _ encrypted: String, corpID: String, _ signed: Signed, now: Int64
    ) throws(Refusal) -> [UInt8] {
        guard let app = configuration().app(of: corpID), let tokenPlace = app.callbackToken,
            let keyPlace = app.callbackKey, let token = SecretReference(tokenPlace).resolve(),
            let key = SecretReference(keyPlace).resolve()
        else { throw .unknownCorp }
        do {
            let plain = try CallbackCipher(token: token, encodingKey: key, receiver: corpID).open(
                encrypted: encrypted, signature: signed.signature, timestamp: signed.timestamp, nonce: signed.nonce)
            // The time is part of what is signed, so only now does it mean anything.
            guard let time = Int64(signed.timestamp), time > now - Self.tolerance, time < now + Self.tolerance else {
                throw Refusal.stale
            }
            return plain
        } catch let refusal as CallbackCipher.Refusal {
            throw .cipher(refusal)
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw .cipher(.malformed)
        }
    }

    private func take(_ click: CardClick, corpID: String) async -> Answer {
        guard let (button, alertID) = CardButton.read(click.key) else {
            report("ignored", corpID: corpID)
            return Answer(status: 200)
        }
        do {
            let rows = try await pool.execute(
                "SELECT conversation_id FROM alerting.alerts WHERE alert_id = $1 AND corp_id = $2",
                [.text(alertID), .text(corpID)])
            guard let conversationID = try rows.first?.decode(String.self, at: 0) else {
                report("unknown_alert", corpID: corpID)
                return Answer(status: 200)
            }
            if let code = click.responseCode {
                try await CardStore.renew(taskID: click.taskID, responseCode: code, on: pool)
            }
            try await publish(
                AlertAction(
                    corpID: corpID, alertID: alertID, conversationID: conversationID,
                    actionID: Self.actionID(click, corpID: corpID), kind: button.kind, actor: click.userID,
                    origin: .card, at: click.at * 1000, result: button.result))
            report("published", corpID: corpID)
            return Answer(status: 200)
        } catch {
            // The platform calls again, three times in all.
            report("failed", corpID: corpID)
            return Answer(status: 503)
        }
    }

    /// The same for each delivery of one click.
    static func actionID(_ click: CardClick, corpID: String) -> String {
        let parts = [corpID, click.userID, String(click.at), click.taskID, click.key].joined(separator: "\n")
        return "card-"
            + SHA256.hash(data: Array(parts.utf8)).prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            .joined()
    }

    private func refuse(_ refusal: Refusal, corpID: String) -> Answer {
        report(refusal.word, corpID: corpID)
        if case .cipher(.tooLarge) = refusal { return Answer(status: 413) }
        return Answer(status: 403)
    }

    /// The corp is named only when it is one of ours: anything else in a log would be the caller's own text.
    private func report(_ result: String, corpID: String) {
        NotifierMetrics.callback(result)
        let known = configuration().corp(corpID) == nil ? "-" : corpID
        logger.notice("WeCom called back", metadata: ["corp.id": "\(known)", "result": "\(result)"])
    }

    private func response(_ answer: Answer) -> Response {
        Response(
            status: HTTPResponse.Status(code: answer.status),
            headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: answer.body)))
    }
}
