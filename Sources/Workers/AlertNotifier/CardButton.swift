import Contracts

/// A button of an alert's card. Its key comes back with the click.
enum CardButton: String, Sendable, CaseIterable {
    case acknowledge = "ack"
    case falseAlarm = "false"

    func key(alertID: String) -> String { "\(rawValue):\(alertID)" }

    /// - Returns: `nil` for a key of somebody else's card.
    static func read(_ key: String) -> (button: CardButton, alertID: String)? {
        guard let colon = key.firstIndex(of: ":"), let button = CardButton(rawValue: String(key[..<colon])) else {
            return nil
        }
        let id = String(key[key.index(after: colon)...])
        return id.isEmpty ? nil : (button, id)
    }

    var kind: AlertAction.Kind {
        switch self {
        case .acknowledge: .acknowledge
        case .falseAlarm: .resolve
        }
    }

    var result: AlertResult? { self == .falseAlarm ? .falseAlarm : nil }
}
