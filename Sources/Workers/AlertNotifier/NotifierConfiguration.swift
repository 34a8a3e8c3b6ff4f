package import Alerting
package import Contracts

/// The corps and directories in force at one moment.
package struct NotifierConfiguration: Sendable {
    private let corps: [String: CorpsConfiguration.Corp]
    private let directories: [String: Directory]

    package init(corps: [CorpsConfiguration.Corp], directories: [Directory]) {
        self.corps = Dictionary(corps.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        self.directories = Dictionary(directories.map { ($0.corpID, $0) }, uniquingKeysWith: { first, _ in first })
    }

    package func corp(_ id: String) -> CorpsConfiguration.Corp? { corps[id] }

    package func directory(of corpID: String) -> Directory? { directories[corpID] }

    /// Who is told of an alert, and when.
    func deliveries(of alert: Alert, now: Int64) -> [PlannedDelivery] {
        AlertRouting(for: alert, corp: corps[alert.corpID], directory: directories[alert.corpID], now: now).deliveries
    }

    /// The working time of employees by the directory's calendars.
    /// - Parameter clock: counts for everybody, if there is one.
    func workingClocks(instead clock: WorkingClock?) -> WorkingClocks {
        { corpID, employeeID in
            if let clock { return clock }
            let time = directories[corpID]?.workingTime(of: employeeID) ?? .standard
            return { time.moment(after: $0, from: $1) }
        }
    }

    /// Somebody's name, or the id when the directory does not know it.
    func name(of userID: String, in corpID: String) -> String { directories[corpID]?.employee(userID)?.name ?? userID }

    func robot(_ target: DeliveryTarget) -> CorpsConfiguration.Robot? {
        corps[target.corpID]?.robots.first { $0.id == target.id }
    }

    func app(of corpID: String) -> CorpsConfiguration.App? { corps[corpID]?.app }

    func webhook(_ target: DeliveryTarget) -> CorpsConfiguration.Webhook? {
        corps[target.corpID]?.webhooks.first { $0.id == target.id }
    }
}
