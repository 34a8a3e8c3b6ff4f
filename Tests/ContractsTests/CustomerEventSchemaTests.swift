import Contracts
import Foundation
import Testing

/// The schema that producers check against says what the code says.
@Suite("Contracts: the JSON schema of customer events")
struct CustomerEventSchemaTests {
    private func schema() throws -> [String: Any] {
        let json = try JSONSerialization.jsonObject(with: Data(CustomerEvent.jsonSchema.utf8))
        return try #require(json as? [String: Any])
    }

    @Test func itNamesEveryMemberAndNoOther() throws {
        let event = CustomerEvent(
            corpID: "c", customerID: "k", source: "s", type: "t", eventID: "e", occurredAt: 1, side: .customer,
            employeeID: "e", conversationID: "c", orderID: "o", amount: 1, sku: "s", alertID: "a", ruleID: "r",
            severity: .urgent)
        let members = try JSONSerialization.jsonObject(with: JSONEncoder().encode(event)) as? [String: Any]
        let properties = try #require(try schema()["properties"] as? [String: Any])
        #expect(properties.keys.sorted() == members?.keys.sorted())
        #expect(try schema()["required"] as? [String] == CustomerEvent.envelope)
    }

    @Test(arguments: CustomerEventType.allCases)
    func aTypeNeedsTheMembersThatTheCodeAsksFor(type: CustomerEventType) throws {
        let conditions = try #require(try schema()["allOf"] as? [[String: Any]])
        let required = conditions.filter { condition in
            let types = ((condition["if"] as? [String: Any])?["properties"] as? [String: [String: Any]])?["type"]
            return (types?["enum"] as? [String])?.contains(type.rawValue) ?? false
        }.flatMap { ($0["then"] as? [String: Any])?["required"] as? [String] ?? [] }
        #expect(required.sorted() == type.requiredMembers)
        let properties = try schema()["properties"] as? [String: [String: Any]]
        #expect((properties?["type"]?["description"] as? String)?.contains(type.rawValue) == true)
    }

    @Test func itsLimitsAreThoseOfTheCode() throws {
        let properties = try #require(try schema()["properties"] as? [String: [String: Any]])
        #expect(properties["occurred_at"]?["minimum"] as? Int64 == CustomerEvent.earliest)
        #expect(properties["amount"]?["maximum"] as? Int64 == CustomerEvent.maximumAmount)
        let id = try #require((try schema()["$defs"] as? [String: [String: Any]])?["id"])
        #expect(id["maxLength"] as? Int == CustomerEvent.maximumIDLength)
    }
}
