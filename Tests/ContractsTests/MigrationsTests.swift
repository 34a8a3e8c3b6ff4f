import Contracts
import Testing

@Suite("Contracts: migrations")
struct MigrationsTests {
    @Test(arguments: Schema.allCases)
    func stepsAreNumberedUpwards(schema: Schema) throws {
        let names = Migrations.all(for: schema).map(\.name)
        let numbers = try names.map { name in
            let match = try #require(name.wholeMatch(of: /V([0-9]{4})_[a-z0-9_]+/), "\(name)")
            return try #require(Int(match.1))
        }
        // Counted from 1 without a gap: unique, and in the order they are applied.
        #expect(numbers == Array(1...numbers.count))
    }

    /// A database that has these refuses a history in which they are missing, renamed or preceded by others.
    @Test(arguments: [
        (Schema.archive, ["V0001_lanes", "V0002_messages"]), (.monitor, ["V0001_lanes", "V0002_hits"]),
        (.alerting, ["V0001_lanes", "V0002_alerts"]), (.tagging, ["V0001_lanes", "V0002_parking"]),
    ])
    func stepsThatLandedKeepTheirPlace(schema: Schema, landed: [String]) {
        #expect(Migrations.all(for: schema).map(\.name).starts(with: landed))
    }

    @Test(arguments: Schema.allCases)
    func everyWorkerHasTheTablesOfTheRuntime(schema: Schema) {
        let runtime = Migrations.runtime(inSchema: schema.rawValue).map(\.sql)
        #expect(!runtime.isEmpty)
        #expect(Migrations.all(for: schema).map(\.sql).filter(runtime.contains) == runtime)
    }

    @Test(arguments: Schema.allCases)
    func everyStepSpeaksOfItsOwnSchemaOnly(schema: Schema) {
        for step in Migrations.all(for: schema) {
            #expect(!step.sql.contains("{{"), "\(step.name)")
            #expect(SchemaNames.mentioned(in: step.sql) == [schema.rawValue], "\(step.name)")
            let objects = SchemaNames.objects(in: step.sql)
            #expect(!objects.isEmpty, "\(step.name)")
            #expect(objects.filter { !$0.hasPrefix("\(schema.rawValue).") } == [], "\(step.name)")
        }
    }

    @Test func theRuntimeTakesAnySchema() {
        for step in Migrations.runtime(inSchema: "counting") {
            #expect(!step.sql.contains("{{"))
            #expect(SchemaNames.mentioned(in: step.sql).isEmpty)
            #expect(SchemaNames.objects(in: step.sql).allSatisfy { $0.hasPrefix("counting.") })
        }
    }

    @Test(arguments: [
        ("SELECT 1 FROM archive.messages", ["archive"]), ("SELECT m.text FROM messages m -- archive.messages", []),
        ("SELECT 'monitor.hits'::regclass, \"alerting\".\"alerts\"", ["alerting", "monitor"]),
        ("format('ALTER TABLE archive.%I', part)", ["archive"]), ("SELECT my_archive.x", []),
    ])
    func aSchemaIsFoundWhereItIsMentioned(sql: String, schemas: [String]) {
        #expect(SchemaNames.mentioned(in: sql).sorted() == schemas)
    }
}
