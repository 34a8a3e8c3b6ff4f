import CLibpq

/// One of several hosts that a configuration names.
struct ConnectionHost {
    var host: String?
    var address: String?
    var port: String?

    /// What overrides the list in libpq's parameters.
    var parameters: [(name: String, value: String)] {
        [("host", host), ("hostaddr", address), ("port", port)].compactMap { name, value in
            value.map { (name, $0) }
        }
    }

    /// The hosts, in order; empty when there is at most one, which needs no override.
    static func all(in configuration: PostgresConfiguration) -> [ConnectionHost] {
        var options = unsafe options { unsafe PQconndefaults() }
        if let string = configuration.connectionString {
            unsafe options.merge(Self.options { unsafe PQconninfoParse(string, nil) }) { $1 }
        }
        let names = items(options["host"])
        let addresses = items(options["hostaddr"])
        let ports = items(options["port"])
        let count = max(names.count, addresses.count)
        guard count > 1 else { return [] }
        return (0..<count).map { index in
            ConnectionHost(
                host: index < names.count ? names[index] : nil,
                address: index < addresses.count ? addresses[index] : nil,
                // One port is everybody's.
                port: ports.count == 1 ? ports[0] : index < ports.count ? ports[index] : nil)
        }
    }

    private static func items(_ list: String?) -> [String] {
        list.map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) } ?? []
    }

    /// Copies the values that are set. Libpq's list ends with an option without keyword.
    private static func options(_ make: () -> UnsafeMutablePointer<PQconninfoOption>?) -> [String: String] {
        guard let list = unsafe make() else { return [:] }
        defer { unsafe PQconninfoFree(list) }
        var options: [String: String] = [:]
        var option = unsafe list
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                unsafe options[String(cString: keyword)] = String(cString: value)
            }
            unsafe option += 1
        }
        return options
    }
}
