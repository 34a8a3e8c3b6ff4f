/// Value of `campaign.touches.v1`: what became of one step of a plan for one customer.
package struct Touch: Codable, Sendable, Equatable {
    package static let eventType = "campaign.touch"

    package var corpID: String
    package var customerID: String
    /// Made from (plan, step, customer, occurrence), so a repetition has the same id.
    package var touchID: String
    package var planID: String
    package var stepID: String
    /// Which of the customer's passages through the plan: the day it began, in the plan's calendar.
    package var occurrence: String
    /// Version of the plans that decided.
    package var planVersion: String
    /// The employee in whose name it goes out.
    package var employeeID: String?
    package var state: State
    /// Why it was deferred, refused or failed; a fixed word such as `quiet_hours`.
    package var reason: String?
    /// The platform's id of the mass-send task.
    package var taskID: String?
    /// When it got into this state, milliseconds UTC.
    package var at: Int64

    package enum State: String, Codable, Sendable, Hashable, CaseIterable {
        /// Put off until a guard allows it.
        case deferred
        /// A guard refused it for good.
        case refused
        /// The task exists; the employee has to confirm it.
        case created
        /// The customer has it.
        case reached
        case failed
        /// Whether the task exists can't be known. It is not sent again.
        case unsure
    }

    package init(
        corpID: String, customerID: String, touchID: String, planID: String, stepID: String, occurrence: String,
        planVersion: String, employeeID: String?, state: State, reason: String? = nil, taskID: String? = nil, at: Int64
    ) {
        self.corpID = corpID
        self.customerID = customerID
        self.touchID = touchID
        self.planID = planID
        self.stepID = stepID
        self.occurrence = occurrence
        self.planVersion = planVersion
        self.employeeID = employeeID
        self.state = state
        self.reason = reason
        self.taskID = taskID
        self.at = at
    }

    enum CodingKeys: String, CodingKey {
        case corpID = "corp_id"
        case customerID = "customer_id"
        case touchID = "touch_id"
        case planID = "plan_id"
        case stepID = "step_id"
        case occurrence
        case planVersion = "plan_version"
        case employeeID = "employee_id"
        case state
        case reason
        case taskID = "task_id"
        case at
    }
}
