import Contracts
import FleetOperator
import Testing

struct OperatorFileTests {
    private func faults(_ body: () throws -> Void) -> [String] {
        do {
            try body()
            return []
        } catch let error as FileFaults {
            return error.faults.map(\.description)
        } catch {
            return ["unexpected: \(error)"]
        }
    }

    private let directory = """
        corp_id: ww5a7c0e1f2b3d4c6a
        departments:
          - id: 1
            name: 总部
          - id: 2
            name: 客服部
            parent_id: 1
            leaders: [zhouning]
        employees:
          - {id: zhouning, name: 周宁, department_id: 2}
          - {id: LinXiaoMan, name: 林小满, department_id: 2, absent: yes}
        """

    @Test func aDirectoryIsReadWithItsDefaults() throws {
        let value = try DirectoryFile.read(directory, corpID: nil)
        #expect(value.departments.map(\.parentID) == [nil, 1])
        #expect(value.employees.map(\.absent) == [false, true])
        #expect(DirectoryFile.key(of: value) == "ww5a7c0e1f2b3d4c6a/directory")
    }

    @Test func theSameSetAsJSONIsTheSameValue() throws {
        let value = try DirectoryFile.read(directory, corpID: nil)
        let json = String(decoding: try DirectoryFile.encode(value), as: UTF8.self)
        #expect(try DirectoryFile.read(json, corpID: nil) == value)
    }

    @Test func surrogatePairsOfJSONAreOneCharacter() throws {
        let text = #"{"corp_id":"ww1","rules":[{"id":"a","name":"\ud83d\ude00","words":["a\u7ef4"]}]}"#
        let value = try RulesFile.read(text, corpID: nil)
        #expect(value.rules.first?.name == "😀")
        #expect(value.rules.first?.words == ["a维"])
    }

    @Test func allFaultsOfADirectoryAreToldWithTheirLines() {
        let text = """
            corp_id: ww1
            departments:
              - id: 1
                name: a
                parent_id: 3
              - id: 2
                name: b
                parent_id: 1
              - id: 3
                name: c
                parent_id: 2
              - id: 3
                name: d
                parent_id: 9
            employees:
              - {id: Hejun, name: 何军, department_id: 7}
              - {id: hejun, name: 何军, department_id: x}
              - {id: z, nmae: 周, department_id: 1}
            """
        #expect(
            faults { _ = try DirectoryFile.read(text, corpID: "ww2") } == [
                "line 1: corp_id: is ww1, but --corp says ww2",
                "line 5: departments[0].parent_id: departments must form a tree, but this is a circle: 1 → 3 → 2 → 1",
                "line 12: departments[3].id: department 3 is given twice",
                "line 14: departments[3].parent_id: there is no department 9",
                "line 16: employees[0].department_id: there is no department 7",
                "line 17: employees[1].department_id: must be a whole number",
                "line 17: employees[1].id: hejun is given twice (ids are compared without regard to case)",
                "line 18: employees[2].name: is missing",
                "line 18: employees[2].nmae: unknown key; allowed are id, name, department_id, absent",
            ])
    }

    @Test func aLeaderMustBeAnEmployee() {
        let text = directory.replacing("[zhouning]", with: "[zhouning, nobody]")
        #expect(
            faults { _ = try DirectoryFile.read(text, corpID: nil) } == [
                "line 8: departments[1].leaders: nobody is not among the employees"
            ])
    }

    @Test func aSecretWrittenIntoCorpsIsRefusedWithoutRepeatingIt() {
        let text = """
            corps:
              - id: ww5a7c0e1f2b3d4c6a
                name: 青禾家居
                robots:
                  - {id: compliance, key: 693a91f6-7aaa-4bc4-97a0-0ec2sifa5aaa}
                  - {id: compliance, key: "env:"}
                webhooks:
                  - {id: crm, url: "ftp://x", secret: "file:/run/secrets/crm"}
              - {id: 42, name: x}
            """
        let found = faults { _ = try CorpsFile.read(text, corpID: nil) }
        #expect(
            found == [
                "line 5: corps[0].robots[0].key: must say where the secret is, env:NAME or file:PATH; "
                    + "a secret itself must not be written here",
                "line 6: corps[0].robots[1].id: compliance names another robot or webhook of this corp already",
                "line 6: corps[0].robots[1].key: says env: but not which one",
                "line 8: corps[0].webhooks[0].url: must be an http or https address",
                "line 9: corps[1].id: is not a WeCom corp id (`ww` followed by letters and digits)",
            ])
        #expect(!found.joined().contains("693a91f6"))
    }

    @Test func severityIsAWordOrANumber() throws {
        for (text, severity) in [("紧急", Severity.urgent), ("4", .urgent), ("一般", .normal)] {
            let rules = "corp_id: ww1\nrules:\n  - {id: a, name: a, severity: \(text), words: [维权]}"
            #expect(try RulesFile.read(rules, corpID: nil).rules.first?.severity == severity)
        }
        let wrong = "corp_id: ww1\nrules:\n  - id: a\n    name: a\n    severity: 5\n    side: boss\n    words: [x]"
        #expect(
            faults { _ = try RulesFile.read(wrong, corpID: nil) } == [
                "line 5: rules[0].severity: must be one of 1 提示, 2 一般, 3 严重, 4 紧急",
                "line 6: rules[0].side: must be one of employee, customer, any",
            ])
    }

    @Test func numbersAndYesAreWordsWhereWordsAreExpected() throws {
        let value = try RulesFile.read("corp_id: ww1\nrules:\n  - {id: a, name: a, words: [12315, no]}", corpID: nil)
        #expect(value.rules.first?.words == ["12315", "no"])
    }

    @Test(arguments: ["", "a: [", "- x\n", "corps: 3", "corps: []", "\u{0}", "corps: {}\ncorps: {}"])
    func aFileThatIsNoSetHasAFault(_ text: String) {
        #expect(!faults { _ = try CorpsFile.read(text, corpID: nil) }.isEmpty)
    }

    @Test func theDifferenceNamesAddedRemovedAndChangedRules() throws {
        func rule(_ id: String, _ words: [String], _ severity: Severity = .normal) -> RulesConfiguration.Rule {
            .init(id: id, name: id, side: .any, severity: severity, words: words)
        }
        let old = RulesConfiguration(
            corpID: "ww1", rules: [rule("a", ["x", "y"]), rule("b", ["z"]), rule("same", ["q"])])
        let new = RulesConfiguration(
            corpID: "ww1", rules: [rule("a", ["x", "w", "v"], .urgent), rule("same", ["q"]), rule("c", [])])
        #expect(
            RulesFile.changes(from: old, to: new) == [
                "~ rule a a (紧急, 3 words): severity 一般 → 紧急, words +2 −1",
                "+ rule c c (一般, 0 words)",
                "- rule b b (一般, 1 words)",
            ])
        #expect(RulesFile.changes(from: new, to: new).isEmpty)
        #expect(RulesFile.changes(from: nil, to: old).count == 3)
    }
}
