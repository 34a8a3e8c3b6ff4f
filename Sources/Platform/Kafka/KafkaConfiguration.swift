internal import CLibrdkafka

/// Settings of the Kafka clients: any property of librdkafka, by its own name.
///
/// Every client lays three layers over each other: its defaults, then ``properties``, then what the promise of exactly
/// one effect depends on (for example `enable.auto.commit=false`). A property that contradicts the last layer is a fault.
package struct KafkaConfiguration: Sendable {
    /// librdkafka property names and values, for example `bootstrap.servers` or `sasl.password`.
    package var properties: [String: String]

    package init(_ properties: [String: String]) {
        self.properties = properties
    }

    package init(bootstrapServers: String) {
        self.init(["bootstrap.servers": bootstrapServers])
    }

    /// Checks the properties, and that they go together, for every kind of client without connecting to anything.
    /// - Throws: all faults at once.
    package func validate() throws(KafkaConfigurationFaults) {
        var faults: [KafkaConfigurationFaults.Fault] = []
        for role in [ClientRole.consumer(group: "validation"), .producer, .admin, .reader] {
            do throws(KafkaConfigurationFaults) {
                try check(for: role)
            } catch {
                faults += error.faults.filter { !faults.contains($0) }
            }
        }
        if properties["bootstrap.servers", default: ""].isEmpty {
            faults.append(.init(property: "bootstrap.servers", reason: "is required, for example localhost:9092"))
        }
        if !faults.isEmpty { throw KafkaConfigurationFaults(faults: faults) }
    }

    /// librdkafka judges combinations (a mechanism without password, a missing certificate, sizes out of order) only when
    /// it makes a client, so one is made and thrown away. Without brokers it has nobody to connect to.
    private func check(for role: ClientRole) throws(KafkaConfigurationFaults) {
        var alone = self
        alone.properties["bootstrap.servers"] = nil
        var defaults: [String: String] = [:]
        if case .consumer = role { defaults = FetchMemory().properties(partitions: 1, under: properties) }
        // The properties one by one, with the brokers.
        _ = try ClientConfiguration(self, role: role, defaults: defaults)
        do throws(KafkaConfigurationFaults) {
            _ = try ClientConfiguration(alone, role: role, defaults: defaults).makeHandle()
        } catch {
            throw KafkaConfigurationFaults(
                faults: error.faults.map { .init(property: $0.property, reason: withoutSecrets($0.reason)) })
        }
    }

    private func withoutSecrets(_ text: String) -> String {
        properties.reduce(text) { text, property in
            Self.isSecret(property.key) && !property.value.isEmpty ? text.replacing(property.value, with: "***") : text
        }
    }

    /// Whether the installed librdkafka has a property of this name.
    package static func isProperty(_ name: String) -> Bool {
        let configuration = unsafe rd_kafka_conf_new()
        defer { unsafe rd_kafka_conf_destroy(configuration) }
        // Asked by setting: `rd_kafka_conf_get` calls a text that has no value unknown.
        return unsafe rd_kafka_conf_set(configuration, name, "", nil, 0) != RD_KAFKA_CONF_UNKNOWN
    }

    /// Whether the property's value must never be shown.
    package static func isSecret(_ property: String) -> Bool {
        let name = property.lowercased()
        return ["password", "secret", "pem", "oauthbearer.config", "token", "credential"].contains { name.contains($0) }
    }
}

extension KafkaConfiguration: CustomStringConvertible, CustomReflectable {
    package var description: String {
        properties.sorted { $0.key < $1.key }
            .map { "\($0.key)=\(Self.isSecret($0.key) ? "***" : $0.value)" }.joined(separator: " ")
    }

    /// Keeps secrets out of `dump` and of failed expectations.
    package var customMirror: Mirror { Mirror(self, children: ["properties": description]) }
}

/// Everything that is wrong with a ``KafkaConfiguration``. Shows no secret.
package struct KafkaConfigurationFaults: Error, Hashable, CustomStringConvertible {
    package struct Fault: Sendable, Hashable {
        /// The property's name; empty when the combination is at fault.
        package var property: String
        package var reason: String

        package init(property: String, reason: String) {
            self.property = property
            self.reason = reason
        }
    }

    package var faults: [Fault]

    package init(faults: [Fault]) {
        self.faults = faults
    }

    package var description: String {
        faults.map { $0.property.isEmpty ? $0.reason : "\($0.property): \($0.reason)" }.joined(separator: "; ")
    }
}
