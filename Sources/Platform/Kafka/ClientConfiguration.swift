internal import CLibrdkafka

/// Owns a `rd_kafka_conf_t` until a client takes it over.
@safe struct ClientConfiguration: ~Copyable {
    private let pointer: OpaquePointer
    private let type: rd_kafka_type_t

    /// Lays defaults, the user's properties and the required ones over each other.
    /// - Throws: every unknown, invalid or forbidden property, all at once.
    init(
        _ configuration: KafkaConfiguration, role: ClientRole, defaults: [String: String] = [:],
        optional: [String: String] = [:]
    ) throws(KafkaConfigurationFaults) {
        unsafe pointer = rd_kafka_conf_new()
        type = role.type
        var faults: [KafkaConfigurationFaults.Fault] = []
        let required = role.required
        for (name, value) in role.defaults.merging(defaults, uniquingKeysWith: { $1 }) {
            if let fault = set(name, value) { faults.append(fault) }
        }
        for (name, value) in optional {
            // Properties newer than the installed library: better with them, correct without.
            _ = set(name, value)
        }
        for (name, value) in configuration.properties.sorted(by: { $0.key < $1.key }) where !role.ignored.contains(name)
        {
            if let fixed = required[name] {
                if fixed != value {
                    faults.append(.init(property: name, reason: "is always \(fixed) here; remove it"))
                }
            } else if let fault = set(name, value) {
                faults.append(fault)
            }
        }
        for (name, value) in required {
            if let fault = set(name, value) { faults.append(fault) }
        }
        _ = set("log.queue", "true")
        // While a client closes, librdkafka would otherwise print what is left in its log queue to standard error.
        unsafe rd_kafka_conf_set_log_cb(pointer, nil)
        unsafe rd_kafka_conf_set_events(pointer, role.events)
        if !faults.isEmpty { throw KafkaConfigurationFaults(faults: faults) }
    }

    deinit {
        unsafe rd_kafka_conf_destroy(pointer)
    }

    /// Makes the client, which takes the configuration over.
    /// - Throws: what librdkafka says about the combination (for example a certificate that can't be read).
    consuming func makeHandle() throws(KafkaConfigurationFaults) -> KafkaHandle {
        var text = [CChar](repeating: 0, count: 512)
        guard let client = unsafe rd_kafka_new(type, pointer, &text, text.count) else {
            // On failure the configuration stays ours and `deinit` destroys it.
            _ = consume self
            throw KafkaConfigurationFaults(faults: [.init(property: "", reason: Self.string(text))])
        }
        discard self
        return unsafe KafkaHandle(adopting: client)
    }

    private func set(_ name: String, _ value: String) -> KafkaConfigurationFaults.Fault? {
        var text = [CChar](repeating: 0, count: 512)
        switch unsafe rd_kafka_conf_set(pointer, name, value, &text, text.count) {
        case RD_KAFKA_CONF_OK:
            return nil
        case RD_KAFKA_CONF_UNKNOWN:
            return .init(property: name, reason: "is not a property of librdkafka")
        default:
            // librdkafka's text repeats the value.
            let reason = KafkaConfiguration.isSecret(name) ? "its value is not valid (not shown)" : Self.string(text)
            return .init(property: name, reason: reason)
        }
    }

    static func string(_ text: [CChar]) -> String {
        String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
