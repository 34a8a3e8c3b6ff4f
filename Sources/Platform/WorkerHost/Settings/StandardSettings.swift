/// The settings every program of the fleet has.
package enum StandardSettings {
    package static let namespace = Setting(
        "namespace", flag: "--namespace",
        help: "Prefix of every topic and consumer group, so that several fleets can share a cluster. Default: none.")
    package static let databaseURL = Setting(
        "database.url", environment: "DATABASE_URL", flag: "--database-url",
        help: "postgresql:// URL. Without it libpq's own PG* variables count.", isSecret: true)
    package static let logLevel = Setting(
        "log.level", flag: "--log-level",
        help: "trace, debug, info, notice, warning or error. Default: notice.")
    package static let logFormat = Setting(
        "log.format", flag: "--log-format", help: "text or json, one line per event on stderr. Default: text.")

    package static let httpAddress = Setting(
        "http.address", flag: "--http-address",
        help: "host:port of /livez, /readyz and /metrics; port 0 takes any free one. Default: 127.0.0.1:0.")
    package static let httpPortFile = Setting(
        "http.port-file", flag: "--http-port-file", help: "File that the port in use is written to.")
    package static let start = Setting(
        "start", flag: "--start",
        help: "Where a lane without any stored offset begins: earliest or latest. Default: earliest.")
    package static let allowEmpty = Setting(
        "allow-empty", flag: "--allow-empty",
        help: "true: begin even if a configuration topic never had a record. Default: false, wait for it.")
    package static let instance = Setting(
        "instance", flag: "--instance", help: "Name of this copy, unique in the fleet. Default: host, pid and chance.")
    package static let connections = Setting(
        "database.connections", environment: "SCRM_CONNECTIONS", flag: "--connections",
        help: "PostgreSQL connections, 1 to 64. Default: 6.")

    package static let stallLimit = Setting(
        "stall.limit-seconds", environment: "SCRM_STALL_LIMIT_SECONDS", flag: "--stall-limit-seconds",
        help: "/livez turns red when records wait and none completes for so long, 1 to 3600. Default: 60.")

    package static let parkedKeyBytes = Setting(
        "parked.key-bytes", flag: "--parked-key-bytes",
        help: "A lane takes no more records while so many bytes wait behind one parked key. Default: 16777216 (16 MB).")
    package static let parkedLaneBytes = Setting(
        "parked.lane-bytes", flag: "--parked-lane-bytes",
        help: "The same for all parked keys of the lane. Default: 67108864 (64 MB).")
    package static let parkedKeyRecords = Setting(
        "parked.key-records", flag: "--parked-key-records",
        help: "A lane takes no more records while so many wait behind one parked key; 0: no limit. Default: 0.")
    package static let parkedLaneRecords = Setting(
        "parked.lane-records", flag: "--parked-lane-records",
        help: "The same for all parked keys of the lane; 0: no limit. Default: 0.")

    /// What `scrm` and the workers share.
    package static let connection = [namespace, databaseURL, logLevel, logFormat]
    package static let worker =
        connection + [
            httpAddress, httpPortFile, start, allowEmpty, instance, connections, stallLimit, parkedKeyBytes,
            parkedLaneBytes, parkedKeyRecords, parkedLaneRecords,
        ]
}
