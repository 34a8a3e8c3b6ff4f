import Campaigns
import Contracts
import WorkerRuntime

/// What is to be stored of a batch: facts about customers, then what starts and ends passages, in order.
package struct DispatchDecision: Sendable {
    var employees: [CustomerKey: (id: String, at: Int64)] = [:]
    var optOuts: [CustomerKey: (value: Bool, at: Int64)] = [:]
    var consents: [CustomerKey: (value: Bool, at: Int64)] = [:]
    var tags: [TagKey: (present: Bool, revision: Int64)] = [:]
    var complaints: [ComplaintKey: (openedAt: Int64?, resolvedAt: Int64?)] = [:]
    var signals: [SignalKey: Int64] = [:]
    var deadLetters: [DeadLetter] = []
    /// In the order of the records.
    var turns: [Turn] = []

    struct CustomerKey: Sendable, Hashable, Comparable {
        var corpID: String
        var customerID: String

        static func < (left: CustomerKey, right: CustomerKey) -> Bool {
            (left.corpID, left.customerID) < (right.corpID, right.customerID)
        }
    }

    struct TagKey: Sendable, Hashable {
        var customer: CustomerKey
        var tag: String
    }

    struct ComplaintKey: Sendable, Hashable {
        var customer: CustomerKey
        var alertID: String
    }

    struct SignalKey: Sendable, Hashable {
        var customer: CustomerKey
        var signal: String
    }

    enum Turn: Sendable {
        /// The running passages of these plans, if they began before.
        case end(CustomerKey, plans: [String], at: Int64)
        case start(Start)
    }

    struct Start: Sendable {
        var customer: CustomerKey
        var planID: String
        var planVersion: String
        var priority: Int
        var anchor: Int64
        var occurrence: String
        var entries: [StepSchedule.Entry]
        /// If one of these was true since, the passage is over before it begins.
        var ends: [String]
    }
}

extension DispatchDecision {
    /// Pure: what the events mean under the plans in force.
    init(_ events: [DispatchEvent], plans: DispatcherConfiguration) {
        for event in events {
            let customer = CustomerKey(corpID: event.corpID, customerID: event.customerID)
            note(event, of: customer, plans: plans)
            guard let corp = plans.corps[event.corpID] else { continue }
            follow(event, of: customer, corp)
        }
    }

    private mutating func follow(_ event: DispatchEvent, of customer: CustomerKey, _ corp: CorpPlans) {
        let condition = event.condition
        let ending = corp.configuration.plans.filter { $0.endsOn.contains(condition) }.map(\.id)
        if !ending.isEmpty {
            let key = SignalKey(customer: customer, signal: condition.signal)
            signals[key] = max(signals[key] ?? .min, event.moment)
            turns.append(.end(customer, plans: ending, at: event.moment))
        }
        for plan in corp.configuration.plans where plan.trigger == condition && !plan.paused {
            let schedule = StepSchedule(corp.calendar)
            turns.append(
                .start(
                    Start(
                        customer: customer, planID: plan.id, planVersion: corp.version, priority: plan.priority,
                        anchor: event.moment, occurrence: schedule.occurrence(anchor: event.moment),
                        entries: schedule.entries(of: plan, anchor: event.moment), ends: plan.endsOn.map(\.signal))))
        }
    }

    private mutating func note(_ event: DispatchEvent, of customer: CustomerKey, plans: DispatcherConfiguration) {
        switch event {
        case .tag(let change):
            let key = TagKey(customer: customer, tag: change.tag)
            if change.revision > tags[key]?.revision ?? .min {
                tags[key] = (change.change == .added, change.revision)
            }
        case .event(let event):
            if let employee = event.employeeID, event.occurredAt >= employees[customer]?.at ?? .min {
                employees[customer] = (employee, event.occurredAt)
            }
            note(event, of: customer, plans: plans)
        }
    }

    private mutating func note(_ event: CustomerEvent, of customer: CustomerKey, plans: DispatcherConfiguration) {
        switch event.type {
        case CustomerFactType.optOut: Self.set(&optOuts[customer], true, event.occurredAt)
        case CustomerFactType.optIn: Self.set(&optOuts[customer], false, event.occurredAt)
        case CustomerFactType.consentGiven: Self.set(&consents[customer], true, event.occurredAt)
        case CustomerFactType.consentWithdrawn: Self.set(&consents[customer], false, event.occurredAt)
        case CustomerEventType.alertOpened.rawValue, CustomerEventType.alertReopened.rawValue:
            guard let key = Self.complaint(event, of: customer), event.side == .customer else { return }
            complaints[key, default: (nil, nil)].openedAt = Self.later(complaints[key]?.openedAt, event.occurredAt)
            let optOutRules = plans.corps[event.corpID]?.configuration.guards.optOutRules ?? []
            if let rule = event.ruleID, optOutRules.contains(rule) {
                Self.set(&optOuts[customer], true, event.occurredAt)
            }
        case CustomerEventType.alertResolved.rawValue:
            guard let key = Self.complaint(event, of: customer) else { return }
            complaints[key, default: (nil, nil)].resolvedAt = Self.later(complaints[key]?.resolvedAt, event.occurredAt)
        default: break
        }
    }

    private static func complaint(_ event: CustomerEvent, of customer: CustomerKey) -> ComplaintKey? {
        guard event.source == CustomerEvent.alertSource else { return nil }
        return event.alertID.map { ComplaintKey(customer: customer, alertID: $0) }
    }

    private static func later(_ known: Int64?, _ moment: Int64) -> Int64 { max(known ?? .min, moment) }

    private static func set(_ fact: inout (value: Bool, at: Int64)?, _ value: Bool, _ moment: Int64) {
        if moment >= fact?.at ?? .min { fact = (value, moment) }
    }
}
