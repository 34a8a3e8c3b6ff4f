/// Mass-send tasks (企业群发): a task is made for an employee, who confirms it; then the customers get the message.
package struct MassSend: Sendable {
    private let api: PlatformAPI

    package init(http: OutboundHTTP, baseURL: String) { api = PlatformAPI(http: http, baseURL: baseURL) }

    /// What one task sends.
    package struct Content: Sendable, Equatable {
        package var text: String
        package var attachments: [MassSendAttachment]

        package init(text: String, attachments: [MassSendAttachment]) {
            self.text = text
            self.attachments = attachments
        }
    }

    package struct Created: Sendable, Equatable {
        package var msgid: String
        /// Customers who are not in the task.
        package var unreachable: [String]
    }

    /// A task as the platform lists it.
    package struct Listed: Sendable, Equatable {
        package var msgid: String
        package var text: String
    }

    package struct Result: Sendable, Equatable {
        package enum Status: Sendable, Equatable {
            case notSent
            case sent
            /// No longer a friend of the employee.
            case noFriend
            /// The customer got other mass messages already.
            case tooMany
        }

        package var customerID: String
        package var status: Status
        /// Seconds UTC.
        package var sentAt: Int64?
    }

    /// Makes a task. Not idempotent: the platform knows no key for repetitions.
    package func create(
        _ content: Content, for customers: [String], by employee: String, token: String
    ) async -> PlatformAnswer<Created> {
        let body = CreateBody(
            customers: customers, sender: employee, text: content.text.isEmpty ? nil : .init(content: content.text),
            attachments: content.attachments)
        let answer = await api.post(
            "/cgi-bin/externalcontact/add_msg_template", token: token, body: body, as: CreateReply.self)
        return answer.map { Created(msgid: $0.msgid, unreachable: $0.failures ?? []) }
    }

    /// Tasks of an employee made in a span of time, all pages.
    /// - Parameters:
    ///   - from: seconds UTC.
    ///   - to: seconds UTC; at most a month after `from`.
    package func list(by employee: String, from: Int64, to: Int64, token: String) async -> PlatformAnswer<[Listed]> {
        await pages { cursor in
            await api.post(
                "/cgi-bin/externalcontact/get_groupmsg_list_v2", token: token,
                body: ListBody(from: from, to: to, creator: employee, cursor: cursor), as: ListReply.self)
        }
    }

    /// Has the employee confirmed the task?
    package func isConfirmed(_ msgid: String, by employee: String, token: String) async -> PlatformAnswer<Bool> {
        let tasks = await pages { cursor in
            await api.post(
                "/cgi-bin/externalcontact/get_groupmsg_task", token: token,
                body: TaskBody(msgid: msgid, cursor: cursor), as: TaskReply.self)
        }
        return tasks.map { tasks in
            tasks.contains { $0.userID.lowercased() == employee.lowercased() && $0.status != 0 }
        }
    }

    /// What became of the task for each customer, all pages. Customers the task does not reach yet are `notSent`.
    package func results(of msgid: String, by employee: String, token: String) async -> PlatformAnswer<[Result]> {
        await pages { cursor in
            await api.post(
                "/cgi-bin/externalcontact/get_groupmsg_send_result", token: token,
                body: ResultBody(msgid: msgid, userID: employee, cursor: cursor), as: ResultReply.self)
        }
    }

    /// Follows the cursors. Ends with the first page that is no success.
    private func pages<Page: MassSendPage>(
        _ page: (String?) async -> PlatformAnswer<Page>
    ) async -> PlatformAnswer<[Page.Element]> {
        var elements: [Page.Element] = []
        var cursor: String?
        // More pages than any answer can have: a cursor that leads in a circle ends here.
        for _ in 0..<1_000 {
            switch await page(cursor) {
            case .success(let found):
                elements += found.elements
                guard let next = found.nextCursor, !next.isEmpty else { return .success(elements) }
                cursor = next
            case .code(let code): return .code(code)
            case .unreachable: return .unreachable
            case .unknown: return .unknown
            }
        }
        return .unknown
    }
}

extension PlatformAnswer {
    func map<Other: Sendable>(_ transform: (Value) -> Other) -> PlatformAnswer<Other> {
        switch self {
        case .success(let value): .success(transform(value))
        case .code(let code): .code(code)
        case .unreachable: .unreachable
        case .unknown: .unknown
        }
    }
}
