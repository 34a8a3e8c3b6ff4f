package import Contracts

/// One place that an alert goes to, why, and when. Pure.
package struct PlannedDelivery: Sendable, Hashable {
    /// Why the target is told.
    package enum Reason: Sendable, Hashable {
        /// The rule names it.
        case rule
        /// A route of the corp names it; counted from 1.
        case route(Int)
        /// It leads the employee's department, or the nearest one above with somebody present who is not concerned.
        case leader(department: Int)
        /// The rule's recipient, because no leader was found.
        case insteadOfLeader
    }

    package var target: DeliveryTarget
    /// The corps configuration has it; otherwise the delivery waits for that.
    package var isKnown: Bool
    package var reasons: [Reason]
    /// Milliseconds UTC before which nobody is disturbed; `nil` for at once.
    package var heldUntil: Int64?
    package var hold: QuietTime.Hold?

    package init(
        target: DeliveryTarget, isKnown: Bool, reasons: [Reason] = [], heldUntil: Int64? = nil,
        hold: QuietTime.Hold? = nil
    ) {
        self.target = target
        self.isKnown = isKnown
        self.reasons = reasons
        self.heldUntil = heldUntil
        self.hold = hold
    }
}

/// Who is told of an alert. Pure: nothing but the alert, the corp's configuration, its directory and the time.
package struct AlertRouting: Sendable {
    /// Each target once, in the order robots, webhooks, people.
    package private(set) var deliveries: [PlannedDelivery] = []
    /// People who would have been told, if it were not about what they said themselves.
    package private(set) var concerned: [String] = []

    private let alert: Alert
    private let corp: CorpsConfiguration.Corp?
    private let directory: Directory?

    /// - Parameters:
    ///   - corp: `nil` for a corp that the configuration does not know (yet).
    ///   - now: milliseconds UTC.
    package init(for alert: Alert, corp: CorpsConfiguration.Corp?, directory: Directory?, now: Int64) {
        self.alert = alert
        self.corp = corp
        self.directory = directory
        let routes = Self.routes(of: corp).enumerated().filter { matches($1) }
        for robot in alert.rule.robots { add(.robot, robot, .rule) }
        for (index, route) in routes { for robot in route.robots { add(.robot, robot, .route(index + 1)) } }
        for webhook in alert.rule.webhooks { add(.webhook, webhook, .rule) }
        for (index, route) in routes { for webhook in route.webhooks { add(.webhook, webhook, .route(index + 1)) } }
        // Without an app people are only mentioned in the robots' messages: AlertRecipients.
        if corp?.app != nil, !alert.selfTest {
            if routes.contains(where: { $1.leader }) { addLeader() }
            for (index, route) in routes { for person in route.recipients { add(person, .route(index + 1)) } }
        }
        let quiet = QuietTime(corp?.quiet)
        for index in deliveries.indices {
            guard let hold = quiet.hold(of: alert, for: deliveries[index].target.channel, at: now) else { continue }
            (deliveries[index].heldUntil, deliveries[index].hold) = (hold.until, hold.why)
        }
    }

    /// A corp that says nothing has its leaders told of everything.
    private static func routes(of corp: CorpsConfiguration.Corp?) -> [CorpsConfiguration.Route] {
        corp.map { $0.routes ?? [CorpsConfiguration.Route(leader: true)] } ?? []
    }

    private func matches(_ route: CorpsConfiguration.Route) -> Bool {
        if let rules = route.rules, !rules.contains(alert.rule.id) { return false }
        if let severities = route.severities, !severities.contains(alert.rule.severity) { return false }
        switch route.side ?? .any {
        case .any: break
        case .employee: if alert.message.sender.kind != .employee { return false }
        case .customer: if alert.message.sender.kind != .customer { return false }
        }
        guard let departments = route.departments else { return true }
        return alert.employeeID.map { directory?.isEmployee($0, inOrBelow: Set(departments)) ?? false } ?? false
    }

    private mutating func addLeader() {
        if let employee = alert.employeeID, let leading = directory?.leading(employee) {
            add(leading.leader.id, .leader(department: leading.departmentID))
        } else {
            for person in alert.rule.recipients { add(person, .insteadOfLeader) }
        }
    }

    /// A person, by the app: never one who said it.
    private mutating func add(_ person: String, _ reason: PlannedDelivery.Reason) {
        let offender = alert.message.sender.kind == .employee ? alert.message.sender.id.lowercased() : nil
        let employee = offender == nil ? nil : alert.employeeID?.lowercased()
        if person.lowercased() == offender || person.lowercased() == employee {
            if !concerned.contains(person) { concerned.append(person) }
        } else {
            add(.app, person, reason)
        }
    }

    private mutating func add(_ channel: Channel, _ id: String, _ reason: PlannedDelivery.Reason) {
        let target = DeliveryTarget(corpID: alert.corpID, channel: channel, id: id)
        if let index = deliveries.firstIndex(where: { $0.target == target }) {
            if !deliveries[index].reasons.contains(reason) { deliveries[index].reasons.append(reason) }
        } else {
            deliveries.append(PlannedDelivery(target: target, isKnown: isKnown(target), reasons: [reason]))
        }
    }

    private func isKnown(_ target: DeliveryTarget) -> Bool {
        switch target.channel {
        case .robot: corp?.robots.contains { $0.id == target.id } ?? false
        case .webhook: corp?.webhooks.contains { $0.id == target.id } ?? false
        case .app: corp?.app != nil
        }
    }
}
