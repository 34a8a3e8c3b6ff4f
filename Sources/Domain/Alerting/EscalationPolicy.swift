package import Contracts

/// The moment at which so much working time has passed since a moment (milliseconds UTC). Pure.
package typealias WorkingClock = @Sendable (_ duration: Duration, _ start: Int64) -> Int64

/// The working time that counts for an alert about an employee; `nil`: about nobody in particular.
package typealias WorkingClocks = @Sendable (_ corpID: String, _ employeeID: String?) -> WorkingClock

/// How long an alert may be left alone before the next person hears of it. Pure.
package struct EscalationPolicy: Sendable, Equatable {
    package struct Deadline: Sendable, Equatable {
        package var duration: Duration
        /// Nights, weekends and holidays don't count.
        package var countsWorkingTime: Bool

        package init(_ duration: Duration, countsWorkingTime: Bool = false) {
            self.duration = duration
            self.countsWorkingTime = countsWorkingTime
        }
    }

    /// Until somebody must have acknowledged it; a severity without a deadline never escalates.
    package var acknowledge: [Severity: Deadline]
    /// From then on, until it must be resolved.
    package var resolve: [Severity: Deadline]

    package init(acknowledge: [Severity: Deadline], resolve: [Severity: Deadline]) {
        self.acknowledge = acknowledge
        self.resolve = resolve
    }

    /// 一般 within four working hours, 严重 within 30 minutes, 紧急 within 10, day and night. Resolved within 18 working
    /// hours (two days), four hours and one hour.
    package static let standard = EscalationPolicy(
        minutesToAcknowledge: [240, 30, 10], minutesToResolve: [1_080, 240, 60])
    package static let never = EscalationPolicy(acknowledge: [:], resolve: [:])

    /// - Parameters: minutes for 一般 (working time), 严重 and 紧急.
    package init(minutesToAcknowledge: [Int], minutesToResolve: [Int]) {
        func deadlines(_ minutes: [Int]) -> [Severity: Deadline] {
            Dictionary(
                uniqueKeysWithValues: zip([Severity.normal, .serious, .urgent], minutes).map { severity, minutes in
                    (severity, Deadline(.seconds(60 * minutes), countsWorkingTime: severity == .normal))
                })
        }
        self.init(acknowledge: deadlines(minutesToAcknowledge), resolve: deadlines(minutesToResolve))
    }

    /// When the next step is due; `nil` for never.
    /// - Parameter start: when the state began, or when the step before was decided. Milliseconds UTC.
    package func due(_ severity: Severity, _ state: AlertState, from start: Int64, working: WorkingClock) -> Int64? {
        let deadline =
            switch state {
            case .open: acknowledge[severity]
            case .acknowledged: resolve[severity]
            case .resolved: Deadline?.none
            }
        return deadline.map {
            $0.countsWorkingTime ? working($0.duration, start) : start + Int64($0.duration / .milliseconds(1))
        }
    }
}
