/// Metadata keys of this module's log lines.
enum LogKeys {
    static let address = "http.address"
    static let error = "error"
    static let exitStatus = "exit.status"
    static let feed = "feed.kind"
    static let feedKey = "feed.key"
    static let instance = "instance"
    static let kafkaClient = "kafka.client"
    static let reason = "reason"
    static let signal = "signal"
    static let topic = "topic"
    static let variables = "variables"
    static let version = "feed.version"
}
