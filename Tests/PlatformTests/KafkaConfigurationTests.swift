import Kafka
import Logging
import Testing

@Suite struct KafkaConfigurationTests {
    @Test func allFaultsAreReportedAtOnce() throws {
        let configuration = KafkaConfiguration([
            "bootstrap.servers": "localhost:9", "no.such.property": "1", "session.timeout.ms": "soon",
            "enable.auto.commit": "true", "acks": "1",
        ])
        let faults = try #require(throws: KafkaConfigurationFaults.self) { try configuration.validate() }
        #expect(
            Set(faults.faults.map(\.property))
                == ["no.such.property", "session.timeout.ms", "enable.auto.commit", "acks"])
    }

    @Test(arguments: [
        (["security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN", "sasl.username": "u"], "sasl.password"),
        (["security.protocol": "SSL", "ssl.ca.location": "/nowhere/ca.pem"], "ssl.ca.location"),
        (["fetch.max.bytes": "50000000", "receive.message.max.bytes": "1000000"], "receive.message.max.bytes"),
        (["message.max.bytes": "50000000", "fetch.max.bytes": "1000000"], "fetch.max.bytes"),
    ])
    func propertiesThatDoNotGoTogetherAreAFault(properties: [String: String], named: String) throws {
        var configuration = KafkaConfiguration(bootstrapServers: "localhost:9")
        configuration.properties.merge(properties) { $1 }
        let faults = try #require(throws: KafkaConfigurationFaults.self) { try configuration.validate() }
        #expect(faults.description.contains(named), "\(faults)")
    }

    @Test(arguments: ["message.max.bytes": "50000000", "fetch.max.bytes": "100000000"].map { [$0.key: $0.value] })
    func oneRaisedSizeRaisesThoseThatMustNotBeSmaller(properties: [String: String]) throws {
        var configuration = KafkaConfiguration(bootstrapServers: "localhost:9")
        configuration.properties.merge(properties) { $1 }
        try configuration.validate()
    }

    @Test(arguments: [
        ("sasl.password", true), ("acks", true), ("debug", true), ("port", false), ("heap.opts", false), ("", false),
    ])
    func propertiesOfTheLibraryAreKnown(name: String, expected: Bool) {
        #expect(KafkaConfiguration.isProperty(name) == expected)
    }

    @Test func aMissingBrokerIsAFault() throws {
        let faults = try #require(throws: KafkaConfigurationFaults.self) { try KafkaConfiguration([:]).validate() }
        #expect(faults.faults.map(\.property) == ["bootstrap.servers"])
    }

    @Test(arguments: ["ssl.key.password", "sasl.password", "ssl.key.pem", "sasl.oauthbearer.client.secret"])
    func aSecretIsNeverShown(property: String) {
        let configuration = KafkaConfiguration([property: "hunter2", "client.id": "visible"])
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("visible"))
        }
    }

    @Test func anInvalidSecretIsNotRepeatedInTheFault() throws {
        let configuration = KafkaConfiguration(["bootstrap.servers": "localhost:9", "ssl.key.pem": "hunter2"])
        let faults = try #require(throws: KafkaConfigurationFaults.self) {
            _ = try KafkaAdmin(configuration.with("security.protocol", "ssl"), logger: .init(label: "test"))
        }
        #expect(!"\(faults)".contains("hunter2"))
    }

    @Test func securityPropertiesPassThrough() throws {
        let configuration = KafkaConfiguration([
            "bootstrap.servers": "localhost:9", "security.protocol": "sasl_ssl", "sasl.mechanisms": "SCRAM-SHA-512",
            "sasl.username": "worker", "sasl.password": "hunter2", "ssl.endpoint.identification.algorithm": "https",
        ])
        try configuration.validate()
    }
}

extension KafkaConfiguration {
    fileprivate func with(_ property: String, _ value: String) -> KafkaConfiguration {
        KafkaConfiguration(properties.merging([property: value]) { $1 })
    }
}
