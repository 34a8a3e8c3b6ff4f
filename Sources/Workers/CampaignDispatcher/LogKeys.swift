import Logging

/// Metadata keys of the dispatcher. Identifiers only.
enum LogKeys {
    static func sender(_ sender: Sender) -> Logger.Metadata {
        ["corp.id": "\(sender.corpID)", "employee.id": "\(sender.employeeID)"]
    }
}
