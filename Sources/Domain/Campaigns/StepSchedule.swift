package import Contracts

/// When the steps of a passage are due.
package struct StepSchedule: Sendable {
    private let calendar: BusinessCalendar

    package init(_ calendar: BusinessCalendar) { self.calendar = calendar }

    /// One step of one passage.
    package struct Entry: Sendable, Equatable {
        package var stepID: String
        package var dueAt: Int64
        /// Last moment at which it may be sent.
        package var validUntil: Int64
    }

    /// Which passage it is: the day it began.
    package func occurrence(anchor: Int64) -> String { calendar.day(of: anchor) }

    /// - Parameter anchor: moment of the trigger, milliseconds UTC.
    package func entries(of plan: CampaignsConfiguration.Plan, anchor: Int64) -> [Entry] {
        plan.steps.map { step in
            let due = dueAt(step.moment, dayOne: plan.dayOne, anchor: anchor)
            return Entry(stepID: step.id, dueAt: due, validUntil: due + Int64(step.validMinutes) * 60_000)
        }
    }

    private func dueAt(
        _ moment: CampaignsConfiguration.Moment, dayOne: CampaignsConfiguration.DayOne?, anchor: Int64
    ) -> Int64 {
        switch moment {
        case .after(let minutes): return anchor + Int64(minutes) * 60_000
        case .day(let number, let time):
            let days = number - 1 + (dayOne == .nextDay ? 1 : 0)
            // On day 1 a time that is over already means at once, not a day in the past.
            return max(anchor, calendar.moment(time, onDayOf: anchor, adding: days))
        }
    }
}
