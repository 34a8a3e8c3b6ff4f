import Configuration
package import Kafka

/// Reads settings from flags, environment and file, in this precedence, and collects every fault on the way.
///
/// A read that finds a fault returns the default, so that reading goes on and all faults come out at once at
/// ``finish()``. Values of secrets never get into a fault.
package struct SettingsReader: Sendable {
    /// Where a value came from, highest precedence first.
    private enum Layer: CaseIterable { case flag, environment, file }

    private struct Found {
        var text: String
        var place: String
    }

    package private(set) var faults: [SettingFault] = []
    /// Environment variables that begin like a Kafka property and name none; in order.
    package let ignoredVariables: [String]
    private let flags: [String: String]
    private let environment: [String: String]
    private let file: ConfigurationFile?
    private let known: [String: Setting]
    private let config: ConfigReader

    /// - Parameters:
    ///   - flags: by key.
    ///   - assignments: `key=value` of `--set` and, with the prefix `kafka.`, of `--kafka`.
    ///   - known: every setting of this program; any other key is a fault.
    init(
        flags: [String: String], assignments: [String], environment: [String: String], file: ConfigurationFile?,
        known: [Setting]
    ) {
        self.known = Dictionary(known.map { ($0.key, $0) }) { first, _ in first }
        self.file = file
        var flags = flags
        var faults = file?.faults ?? []
        for assignment in assignments {
            guard let sign = assignment.firstIndex(of: "="), sign != assignment.startIndex else {
                // Not repeated here: what was meant as a value may be a secret.
                faults.append(SettingFault(place: "--set/--kafka", problem: "expected name=value"))
                continue
            }
            let key = String(assignment[..<sign])
            flags[key] = String(assignment[assignment.index(after: sign)...])
        }
        self.flags = flags

        var variables: [String: String] = [:]
        for setting in known { variables[setting.key] = environment[setting.environment] }
        var ignored: [String] = []
        for (variable, value) in environment where variable.hasPrefix(KafkaProperties.environmentPrefix) {
            if let name = KafkaProperties.name(forEnvironment: variable) {
                variables[KafkaProperties.keyPrefix + name] = value
            } else {
                ignored.append(variable)
            }
        }
        ignoredVariables = ignored.sorted()
        // An empty variable is what compose files make of an unset one.
        self.environment = variables.filter { !$0.value.isEmpty }
        config = ConfigReader(providers: [
            Self.provider("flags", flags), Self.provider("environment", self.environment),
            Self.provider("file", file?.entries.mapValues(\.text) ?? [:]),
        ])
        self.faults = faults
        reportUnknownKeys()
    }

    /// The value as given, or `nil` if nobody gave one.
    package func string(_ setting: Setting) -> String? {
        config.string(forKey: ConfigKey(setting.key), isSecret: setting.isSecret)
    }

    /// A value that must be given.
    package mutating func required(_ setting: Setting) -> String {
        if let text = string(setting) { return text }
        let ways = [setting.flag, setting.environment].compactMap(\.self).joined(separator: " or ")
        report(setting, "is required: set \(ways), or `\(setting.key)` in the file")
        return ""
    }

    package mutating func integer(_ setting: Setting, in range: ClosedRange<Int>, default standard: Int) -> Int {
        guard let text = string(setting) else { return standard }
        guard let number = Int(text), range.contains(number) else {
            report(setting, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return standard
        }
        return number
    }

    package mutating func bool(_ setting: Setting, default standard: Bool) -> Bool {
        guard let text = string(setting) else { return standard }
        switch text.lowercased() {
        case "true", "yes", "1", "on": return true
        case "false", "no", "0", "off": return false
        default:
            report(setting, "must be true or false")
            return standard
        }
    }

    /// One of the words of an enumeration.
    package mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ setting: Setting, default standard: Choice
    ) -> Choice where Choice.RawValue == String {
        guard let text = string(setting) else { return standard }
        if let choice = Choice(rawValue: text.lowercased()) { return choice }
        report(setting, "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        return standard
    }

    /// Anything else that `parse` understands; what it throws becomes the fault's text, so it must not quote secrets.
    package mutating func value<Value>(
        _ setting: Setting, default standard: Value, _ parse: (String) throws(InvalidSetting) -> Value
    ) -> Value {
        guard let text = string(setting) else { return standard }
        do {
            return try parse(text)
        } catch {
            report(setting, error.problem)
            return standard
        }
    }

    /// Adds a fault about a setting, naming the place its value came from.
    package mutating func report(_ setting: Setting, _ problem: String) {
        faults.append(SettingFault(place: place(of: setting.key) ?? setting.key, problem: problem))
    }

    /// Throws every fault found so far, if any.
    package func finish() throws(ConfigurationFaults) {
        if !faults.isEmpty { throw ConfigurationFaults(faults) }
    }

    /// librdkafka properties from all layers, checked for every kind of client.
    /// - Parameter isRequired: brokers must be given.
    package mutating func kafka(required isRequired: Bool = true) -> KafkaConfiguration {
        let keys = Set(flags.keys).union(environment.keys).union(file.map { Set($0.entries.keys) } ?? [])
        var configuration = KafkaConfiguration([:])
        for key in keys where key.hasPrefix(KafkaProperties.keyPrefix) {
            let name = String(key.dropFirst(KafkaProperties.keyPrefix.count))
            configuration.properties[name] = config.string(
                forKey: ConfigKey(key), isSecret: KafkaConfiguration.isSecret(name))
        }
        if isRequired { _ = required(KafkaProperties.bootstrapServers) }
        do {
            try configuration.validate()
        } catch {
            for fault in error.faults where fault.property != "bootstrap.servers" {
                // The name that validation made up would only confuse.
                let reason =
                    fault.property == "group.id"
                    ? "is always the program's name; remove it, or use --namespace" : fault.reason
                // Without a property it is the combination that is at fault, and librdkafka's text names its parts.
                let key = fault.property.isEmpty ? "kafka" : KafkaProperties.keyPrefix + fault.property
                report(Setting(key, help: ""), reason)
            }
        }
        return configuration
    }

    private func place(of key: String) -> String? {
        for layer in Layer.allCases {
            switch layer {
            case .flag where flags[key] != nil:
                if let flag = known[key]?.flag { return flag }
                let name = key.dropFirst(KafkaProperties.keyPrefix.count)
                return key.hasPrefix(KafkaProperties.keyPrefix) ? "--kafka \(name)" : "--set \(key)"
            case .environment where environment[key] != nil:
                return known[key]?.environment ?? "KAFKA_"
                    + key.dropFirst(KafkaProperties.keyPrefix.count).uppercased().replacing(".", with: "_")
            case .file where file?.entries[key] != nil:
                return file?.place(of: key)
            default: continue
            }
        }
        return nil
    }

    private mutating func reportUnknownKeys() {
        let isKnown = { [known] (key: String) in
            known[key] != nil || key.hasPrefix(KafkaProperties.keyPrefix)
        }
        for key in flags.keys.sorted() where !isKnown(key) {
            faults.append(SettingFault(place: "--set \(key)", problem: "unknown setting; see --help"))
        }
        guard let file else { return }
        for (key, _) in file.entries.sorted(by: { $0.value.line < $1.value.line }) where !isKnown(key) {
            faults.append(SettingFault(place: file.place(of: key), problem: "unknown key; see --help"))
        }
    }

    private static func provider(_ name: String, _ values: [String: String]) -> InMemoryProvider {
        InMemoryProvider(
            name: name,
            values: Dictionary(
                values.map { (AbsoluteConfigKey(ConfigKey($0.key)), ConfigValue(.string($0.value), isSecret: true)) }
            ) { first, _ in first })
    }
}

/// Why a value does not do, without quoting it.
package struct InvalidSetting: Error {
    package var problem: String

    package init(_ problem: String) { self.problem = problem }
}
