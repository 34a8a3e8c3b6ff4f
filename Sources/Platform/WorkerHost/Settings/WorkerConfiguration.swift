package import WorkerRuntime

/// A worker's settings, checked.
package struct WorkerConfiguration: Sendable {
    /// Where a lane without any stored offset begins.
    package enum Start: String, Sendable, CaseIterable { case earliest, latest }

    package var connection: ConnectionConfiguration
    package var httpHost: String
    /// 0: any free one.
    package var httpPort: Int
    package var httpPortFile: String?
    package var start: Start
    /// Begin even if a configuration topic never had a record.
    package var allowsEmpty: Bool
    /// `nil`: made up at start.
    package var instance: String?
    /// Size of the PostgreSQL pool.
    package var connections: Int
    /// How long records may wait without any completing.
    package var stallLimit: Duration
    /// What may wait behind parked keys.
    package var parking: ParkingLimits

    /// Reads and checks; faults are collected in `settings`.
    package init(_ settings: inout SettingsReader) {
        connection = ConnectionConfiguration(&settings)
        (httpHost, httpPort) = settings.value(StandardSettings.httpAddress, default: ("127.0.0.1", 0)) {
            (text) throws(InvalidSetting) in try Self.hostAndPort(text)
        }
        httpPortFile = settings.string(StandardSettings.httpPortFile)
        start = settings.choice(StandardSettings.start, default: .earliest)
        allowsEmpty = settings.bool(StandardSettings.allowEmpty, default: false)
        instance = settings.value(StandardSettings.instance, default: nil) { (text) throws(InvalidSetting) in
            guard text.count <= 100,
                text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) })
            else { throw InvalidSetting("must be at most 100 of letters, digits, `.`, `_` and `-`") }
            return text
        }
        connections = settings.integer(StandardSettings.connections, in: 1...64, default: 6)
        stallLimit = .seconds(settings.integer(StandardSettings.stallLimit, in: 1...3600, default: 60))
        parking = Self.parking(&settings)
    }

    private static func parking(_ settings: inout SettingsReader) -> ParkingLimits {
        let (bytes, records) = (1...1 << 40, 0...1 << 40)
        var limits = ParkingLimits()
        limits.keyBytes = settings.integer(StandardSettings.parkedKeyBytes, in: bytes, default: limits.keyBytes)
        limits.laneBytes = settings.integer(StandardSettings.parkedLaneBytes, in: bytes, default: limits.laneBytes)
        let keyRecords = settings.integer(StandardSettings.parkedKeyRecords, in: records, default: 0)
        let laneRecords = settings.integer(StandardSettings.parkedLaneRecords, in: records, default: 0)
        if keyRecords > 0 { limits.keyRecords = keyRecords }
        if laneRecords > 0 { limits.laneRecords = laneRecords }
        return limits
    }

    /// `host:port`, `[::1]:port` or `:port`, which means every address.
    static func hostAndPort(_ text: String) throws(InvalidSetting) -> (String, Int) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port)
        else { throw InvalidSetting("must be host:port with a port from 0 to 65535, as 127.0.0.1:9464") }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        return (host.isEmpty ? "0.0.0.0" : host, port)
    }
}
