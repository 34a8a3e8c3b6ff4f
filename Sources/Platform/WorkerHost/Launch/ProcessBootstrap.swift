import CoreMetrics
import Logging
import Operations
import Synchronization

/// Sets up the two things a process has one of: swift-log's and swift-metrics' global systems.
enum ProcessBootstrap {
    private static let installed = Mutex<PrometheusMetrics?>(nil)

    /// The first call decides for the whole process; a later one (tests launch several workers in one process) gets the
    /// first one's metrics.
    static func install(program: String, format: LogFormat, level: Logger.Level) -> PrometheusMetrics {
        installed.withLock { installed in
            if let installed { return installed }
            LoggingSystem.bootstrap { label in
                // What libraries log below a warning is of use only to those who asked for it.
                let level = label == program ? level : level <= .debug ? level : max(level, .warning)
                return LineLogHandler(
                    label: label, format: format, level: level, write: LineLogHandler.standardError)
            }
            let metrics = PrometheusMetrics(help: MetricNames.help)
            MetricsSystem.bootstrap(metrics)
            installed = metrics
            return metrics
        }
    }
}
