import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The calls of mass sending under `/cgi-bin/externalcontact/`.
///
/// An employee confirms a task by itself ``SandboxSettings/confirmsAfter`` milliseconds after it was made.
struct CustomerContactEndpoint: SandboxEndpoint {
    let ledger: SandboxLedger
    let settings: SandboxSettings
    let contact: CustomerContact
    let tokens: TokenDesk

    private static let path = "/cgi-bin/externalcontact/"

    func addRoutes(to router: Router<SandboxContext>) {
        let calls: [(String, @Sendable (_ body: [String: Any], _ corpID: String) throws -> [String: Any])] = [
            ("add_msg_template", create), ("get_groupmsg_list_v2", list), ("get_groupmsg_task", task),
            ("get_groupmsg_send_result", results),
        ]
        for (name, call) in calls {
            router.post(RouterPath(Self.path + name)) { request, context in
                let token = request.uri.queryParameters["access_token"].map(String.init)
                return try await respond(to: request, context: context) { bytes in
                    let corpID = try tokens.corp(of: token, now: now)
                    guard let body = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
                        throw TokenDesk.Refusal(code: 40035)  // whatever is no JSON object is a bad parameter
                    }
                    return try call(body, corpID)
                }
            }
        }
    }

    private func respond(
        to request: Request, context: SandboxContext, _ answer: ([UInt8]) throws -> [String: Any]
    ) async throws -> Response {
        let bytes = Array(buffer: try await request.body.collect(upTo: Self.maximumBodyBytes))
        let fault = ledger.takeFault(path: request.uri.path, key: nil)
        if let response = try await self.answer(of: fault, context: context) { return response }
        var reply: [String: Any]
        do {
            if fault?.kind == .errcode { throw TokenDesk.Refusal(code: fault?.errcode ?? -1) }
            reply = try answer(bytes)
            reply["errcode"] = 0
            reply["errmsg"] = "ok"
        } catch let refusal as TokenDesk.Refusal {
            reply = ["errcode": refusal.code, "errmsg": "sandbox"]
            ledger.count("errcode_\(refusal.code)")
        }
        let text = String(decoding: try JSONSerialization.data(withJSONObject: reply), as: UTF8.self)
        return finalAnswer(text, fault: fault, context: context)
    }

    private func create(_ body: [String: Any], corpID: String) throws -> [String: Any] {
        let customers = body["external_userid"] as? [String] ?? []
        let sender = body["sender"] as? String ?? ""
        let text = (body["text"] as? [String: Any])?["content"] as? String ?? ""
        let attachments = body["attachments"] as? [Any] ?? []
        guard !customers.isEmpty || !sender.isEmpty, customers.count <= 10_000, attachments.count <= 9 else {
            throw TokenDesk.Refusal(code: 40035)
        }
        guard !text.isEmpty || !attachments.isEmpty else { throw TokenDesk.Refusal(code: 44004) }
        guard text.utf8.count <= 4_000 else { throw TokenDesk.Refusal(code: 45002) }
        let unreachable = customers.filter { settings.unreachableCustomers.contains($0) }
        let reached = customers.filter { !settings.unreachableCustomers.contains($0) }
        guard !reached.isEmpty else { throw TokenDesk.Refusal(code: 41048) }
        let task = CustomerContact.Task(
            msgid: "msg\(UUID().uuidString.replacing("-", with: ""))", corpID: corpID, sender: sender, text: text,
            customers: reached, createdAt: now)
        contact.add(task)
        ledger.count("mass_send_created")
        show(task)
        return ["msgid": task.msgid, "fail_list": unreachable]
    }

    private func list(_ body: [String: Any], corpID: String) throws -> [String: Any] {
        guard let from = body["start_time"] as? Int64, let to = body["end_time"] as? Int64, from <= to,
            to - from <= 31 * 86_400
        else { throw TokenDesk.Refusal(code: 40035) }
        let creator = body["creator"] as? String
        let found = contact.tasks().filter { task in
            task.corpID == corpID && (creator == nil || task.sender == creator)
                && (from...to).contains(task.createdAt / 1000)
        }
        return try page(body, key: "group_msg_list", found) { task in
            [
                "msgid": task.msgid, "creator": task.sender, "create_time": String(task.createdAt / 1000),
                "create_type": 0, "text": ["content": task.text],
            ]
        }
    }

    private func task(_ body: [String: Any], corpID: String) throws -> [String: Any] {
        let task = try named(body, corpID: corpID)
        return try page(body, key: "task_list", [task]) { task in
            guard let sentAt = sentAt(task) else { return ["userid": task.sender, "status": 0] }
            return ["userid": task.sender, "status": 2, "send_time": sentAt / 1000]
        }
    }

    private func results(_ body: [String: Any], corpID: String) throws -> [String: Any] {
        let task = try named(body, corpID: corpID)
        return try page(body, key: "send_list", task.customers) { customer in
            var entry: [String: Any] = ["external_userid": customer, "userid": task.sender, "status": 0]
            if let sentAt = sentAt(task) {
                entry["status"] = 1
                entry["send_time"] = sentAt / 1000
            }
            return entry
        }
    }

    private func named(_ body: [String: Any], corpID: String) throws -> CustomerContact.Task {
        guard let msgid = body["msgid"] as? String, let task = contact.task(msgid, corpID: corpID) else {
            throw TokenDesk.Refusal(code: 41047)
        }
        return task
    }

    private func sentAt(_ task: CustomerContact.Task) -> Int64? {
        guard let delay = settings.confirmsAfter, now >= task.createdAt + Int64(delay) else { return nil }
        return task.createdAt + Int64(delay)
    }

    /// One page; the cursor is the number of the next element.
    private func page<Element>(
        _ body: [String: Any], key: String, _ all: [Element], _ entry: (Element) -> [String: Any]
    ) throws -> [String: Any] {
        let start = (body["cursor"] as? String).flatMap { Int($0) } ?? 0
        guard let limit = body["limit"] as? Int, (1...1_000).contains(limit), (0...all.count).contains(start) else {
            throw TokenDesk.Refusal(code: 40035)
        }
        let end = min(start + limit, all.count)
        return [key: all[start..<end].map(entry), "next_cursor": end < all.count ? String(end) : ""]
    }

    private func show(_ task: CustomerContact.Task) {
        guard let path = settings.showPath else { return }
        append(ManagerView.text(of: task), to: path)
    }
}
