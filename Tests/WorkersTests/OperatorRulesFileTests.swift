import Contracts
import FleetOperator
import Foundation
import TestSupport
import Testing
import WorkerHost

/// Rules files with everything a rule can say, the word lists they name, and the way back to YAML.
@Suite struct OperatorRulesFileTests {
    private static func lists(_ files: [String: String]) -> WordLists {
        WordLists { path in
            guard let text = files[path] else { throw WordLists.Unreadable("can't be read") }
            return text
        }
    }

    private static func faults(_ yaml: String, _ files: [String: String] = [:]) -> [String] {
        do {
            _ = try RulesFile.read(yaml, corpID: nil, lists: lists(files))
            return []
        } catch {
            return error.faults.map { ($0.file.map { "\($0): " } ?? "") + $0.description }
        }
    }

    @Test func wordsOfListsFollowThoseOfTheFile() throws {
        let yaml = """
            corp_id: ww1
            rules:
              - {id: a, name: a, words: [维权], words_from: [a.csv, b.csv], allow_from: [c.csv]}
            """
        let files = [
            "a.csv": "word,note\n投诉,常见\n\"举,报\",引号\n\n\"a\"\"b\",\n",
            "b.csv": "备注,Word\r\n甲,差评\r\n乙,曝光", "c.csv": "word\n运维权限\n",
        ]
        let rule = try #require(try RulesFile.read(yaml, corpID: nil, lists: Self.lists(files)).rules.first)
        #expect(rule.words == ["维权", "投诉", "举,报", "a\"b", "差评", "曝光"])
        #expect(rule.allow == ["运维权限"])
    }

    @Test func aFaultOfAListHasItsFileAndLine() {
        let yaml = """
            corp_id: ww1
            rules:
              - id: a
                name: a
                words: [维权]
                words_from: [words.csv, missing.csv, wordless.csv, open.csv]
            """
        let files = [
            "words.csv": "word\n投诉\n,\n举报\nx,y\n ,only a note\n", "wordless.csv": "a,b\n", "open.csv": "word\n\"维权",
        ]
        #expect(
            Self.faults(yaml, files) == [
                "line 6: rules[0].words_from[1]: missing.csv can't be read",
                "open.csv: line 2: a quotation mark is opened and never closed",
                "wordless.csv: line 1: the first row must name the columns, and one of them `word`",
                "words.csv: line 6: has no word",
            ])
    }

    /// What only the matcher knows is found in the list's line too.
    @Test func aWordThatCannotMatchIsFoundInItsList() {
        let yaml = "corp_id: ww1\nrules:\n  - {id: a, name: a, words: [维权], words_from: [l.csv]}"
        let faults = Self.faults(yaml, ["l.csv": "word\n投诉\n。。\n举报\n"])
        #expect(faults.count == 1)
        #expect(faults.first?.hasPrefix("l.csv: line 3: ") == true)
    }

    @Test func listsAreReadBesideTheFile() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rules-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // a temporary folder may stay
        try Data([0xEF, 0xBB, 0xBF] + Array("word\n维权\n".utf8)).write(to: folder.appending(path: "l.csv"))
        let lists = WordLists.beside(folder.appending(path: "rules.yaml").path)
        #expect(try lists.text("l.csv") == "word\n维权\n")
        #expect(throws: WordLists.Unreadable.self) { try lists.text("other.csv") }
        try Data([0xFF, 0xFE]).write(to: folder.appending(path: "bad.csv"))
        #expect(throws: WordLists.Unreadable.self) { try lists.text("bad.csv") }
    }

    @Test func everyMemberOfARuleIsRead() throws {
        let yaml = """
            corp_id: ww1
            rules:
              - id: a
                name: 甲
                words: [维权, 退款]
                gap: 0
                patterns: [phone, {regex: "a+"}]
                disguises: {pinyin: true, initials: no}
                word_disguises: {维权: {initials: true}}
                logic: {all: [[转账], [个人, 私人]], none: [公司], within: 20, at_least: 2}
                acts: [card, "file:APK"]
            """
        let file = try FileNode(parsing: yaml)
        #expect(file.entries?.count == 2)
        var reading = RuleReading(lists: .none)
        var faults: [FileFault] = []
        let node = try #require(file.entries?.first { $0.key == "rules" }?.value.items?.first)
        let rule = reading.rule(node, faults: &faults)
        #expect(faults == [])
        #expect(rule.gap == 0)
        #expect(rule.patterns == [.named(.phone), .expression("a+")])
        #expect(rule.disguises == .init(pinyin: true, initials: false))
        #expect(rule.wordDisguises == ["维权": .init(initials: true)])
        #expect(rule.logic == .init(all: [["转账"], ["个人", "私人"]], none: ["公司"], within: 20, atLeast: 2))
        #expect(rule.acts == [.card, .file("apk")])
    }

    @Test func whatIsMisspeltIsFoundAtOnceWithItsLine() {
        let yaml = """
            corp_id: ww1
            rules:
              - id: a
                name: a
                words: [x]
                patterns: [phones]
                disguises: {pinyn: true}
                logic: {all: [x]}
                acts: [gift]
            """
        #expect(
            Self.faults(yaml).map { String($0.prefix { $0 != "m" && $0 != "u" }) } == [
                "line 6: r", "line 7: r", "line 8: r", "line 9: r",
            ])
        #expect(Self.faults("corp_id: ww1\nrules:\n  - {id: a, name: a}") == ["line 3: rules[0].words: is missing"])
    }

    // MARK: The way back

    private static func text(_ random: inout SeededGenerator) -> String {
        let scalars: [Unicode.Scalar] = [
            "维", "权", "a", "1", " ", "\"", "\\", "'", "#", ":", ",", "[", "]", "{", "}", "&", "*", "!", "|", "%", "@",
            "-", "~",
            "\u{200B}", "\u{2028}", "\u{0336}", "\u{1F9E7}", "\u{E0001}", "❤", "\u{FE0F}", "u", "n",
        ]
        var view = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            view.append(scalars[Int.random(in: 0..<scalars.count, using: &random)])
        }
        return String(view)
    }

    private static func rule(_ index: Int, _ random: inout SeededGenerator) -> RulesConfiguration.Rule {
        func texts(_ limit: Int) -> [String] {
            (0..<Int.random(in: 0...limit, using: &random)).map { _ in text(&random) }
        }
        func flag() -> Bool? { [nil, true, false][Int.random(in: 0...2, using: &random)] }
        func disguises() -> RulesConfiguration.Disguises {
            .init(components: flag(), pinyin: flag(), initials: flag(), homophones: flag(), numerals: flag())
        }
        let wordDisguises = texts(2).map { ($0, disguises()) }
        return .init(
            id: "rule-\(index)", name: text(&random), side: .employee,
            severity: Severity.allCases[Int.random(in: 0..<4, using: &random)], words: texts(40), allow: texts(3),
            scope: .init(
                audience: flag() == true ? .internal : .external, conversations: flag() == true ? .group : .any,
                employees: texts(2), departments: flag() == true ? [1, 2] : []),
            robots: texts(2), webhooks: texts(1), recipients: texts(1), enabled: flag() != false,
            gap: Int.random(in: 0...8, using: &random),
            patterns: flag() == true ? [.named(.bankCard), .expression(text(&random))] : [], disguises: disguises(),
            wordDisguises: Dictionary(wordDisguises) { first, _ in first },
            logic: flag() == true
                ? .init(all: [texts(3)], none: texts(2), within: flag() == true ? 5 : nil, atLeast: 2) : nil,
            acts: flag() == true ? [.card, .file("apk")] : [])
    }

    @Test func whatIsExportedIsReadBackToTheSameVersion() throws {
        let seed = UInt64.random(in: 0...UInt64(UInt32.max))
        print("rules export: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for round in 0..<50 {
            let rules = (0..<3).map { Self.rule($0, &random) }
            let yaml = RulesText.yaml(RulesConfiguration(corpID: "ww1", rules: rules), note: "round \(round)")
            var faults: [FileFault] = []
            var reading = RuleReading(lists: .none)
            let nodes = try #require(try FileNode(parsing: yaml).entries?.last?.value.items)
            let read = nodes.map { reading.rule($0, faults: &faults) }
            #expect(faults == [])
            let version = SnapshotVersion.of(try RulesFile.encode(.init(corpID: "ww1", rules: rules)))
            #expect(SnapshotVersion.of(try RulesFile.encode(.init(corpID: "ww1", rules: read))) == version)
        }
        #expect(try RulesFile.read(RulesText.yaml(.init(corpID: "ww1", rules: [])), corpID: nil).rules == [])
    }

    // MARK: Comparing

    @Test func aDiffNamesTheWordsAndTheFields() {
        func rule(_ id: String, _ words: [String], severity: Severity = .normal) -> RulesConfiguration.Rule {
            .init(id: id, name: id, side: .any, severity: severity, words: words)
        }
        let old = RulesConfiguration(
            corpID: "ww1", rules: [rule("a", ["x", "y"]), rule("same", ["q"]), rule("gone", ["z"])])
        let new = RulesConfiguration(
            corpID: "ww1", rules: [rule("a", ["y", "w"], severity: .urgent), rule("same", ["q"]), rule("new", ["n"])])
        let changes = RulesDiff.changes(from: old, to: new)
        #expect(changes.map(\.ruleID) == ["a", "new", "gone"])
        #expect(changes.map(\.kind) == [.changed, .added, .removed])
        #expect(changes[0].wordsAdded == ["w"] && changes[0].wordsRemoved == ["x"])
        #expect(changes[0].fields == ["severity 一般 → 紧急"])
        #expect(RulesDiff.changes(from: new, to: new) == [])
        #expect(
            RulesDiff.text(changes)
                == "~ rule a a\n    severity 一般 → 紧急\n    words +1: w\n    words −1: x\n+ rule new new\n    words +1: n\n- rule gone gone\n    words −1: z"
        )
    }

    @Test func wordsInAnotherOrderAreADifference() {
        func rules(_ words: [String]) -> RulesConfiguration {
            .init(corpID: "ww1", rules: [.init(id: "a", name: "a", side: .any, severity: .normal, words: words)])
        }
        #expect(
            RulesDiff.changes(from: rules(["x", "y"]), to: rules(["y", "x"])).first?.fields == ["words reordered"])
    }
}
