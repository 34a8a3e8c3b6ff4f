/// One name everywhere: the executable, its consumer group, its compose service, its metric label and its log label.
package enum Programs {
    package static let archiveIngest = "archive-ingest"
    package static let sensitiveWordMonitor = "sensitive-word-monitor"
    package static let alertNotifier = "alert-notifier"
    package static let tagScorer = "tag-scorer"
    package static let campaignDispatcher = "campaign-dispatcher"
}

/// The PostgreSQL schemas, one per worker, and the role that owns the rights on each.
package enum Schema: String, Sendable, CaseIterable {
    case archive
    case monitor
    case alerting
    case tagging
    case campaigns

    /// The worker that reads and writes it.
    package var program: String {
        switch self {
        case .archive: Programs.archiveIngest
        case .monitor: Programs.sensitiveWordMonitor
        case .alerting: Programs.alertNotifier
        case .tagging: Programs.tagScorer
        case .campaigns: Programs.campaignDispatcher
        }
    }

    /// The database role the worker logs in as.
    package var role: String { "scrm_\(rawValue)" }
}
