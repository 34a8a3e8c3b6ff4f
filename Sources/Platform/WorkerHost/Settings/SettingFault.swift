import Kafka

/// One thing that is wrong with the configuration.
package struct SettingFault: Sendable, Equatable, CustomStringConvertible {
    /// Flag, environment variable, or file with line.
    package var place: String
    /// What is wrong and what to do. Never holds the value of a secret.
    package var problem: String

    package init(place: String, problem: String) {
        self.place = place
        self.problem = problem
    }

    package var description: String { "\(place): \(problem)" }
}

extension SettingFault {
    /// A fault that only a client with its group found.
    init(_ fault: KafkaConfigurationFaults.Fault) {
        self.init(
            place: fault.property.isEmpty ? "kafka" : KafkaProperties.keyPrefix + fault.property, problem: fault.reason)
    }
}

/// Everything that is wrong with the configuration, at once. Ends a program with ``ExitStatus/configuration``.
package struct ConfigurationFaults: Error, Equatable, CustomStringConvertible {
    package var faults: [SettingFault]

    package init(_ faults: [SettingFault]) { self.faults = faults }

    package var description: String {
        faults.map { "configuration: \($0)" }.joined(separator: "\n")
    }
}
