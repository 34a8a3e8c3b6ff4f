import Contracts
import SensitiveWords
import TestSupport
import Testing

@Suite struct SensitiveWordsRuleSetTests {
    private static let fixtures = SensitiveWordsFixtures.self

    @Test func everyFaultIsReportedAtOnce() {
        let long = String(repeating: "很", count: 65)
        let configuration = RulesConfiguration(
            corpID: "",
            rules: [
                .init(id: "", name: " ", side: .any, severity: .normal, words: []),
                .init(
                    id: "Bad Id", name: "n", side: .any, severity: .normal,
                    words: ["", "  ", "\u{200b}\u{301}", "。，！", "a\nb", long, "好"], allow: ["\u{feff}", "好*"],
                    robots: [""]),
                .init(id: "same", name: "n", side: .any, severity: .normal, words: ["维权"], allow: ["維權"]),
                .init(id: "same", name: "n", side: .any, severity: .normal, words: ["🧧"]),
            ])
        let faults = RuleSet.validate(configuration).map {
            [$0.ruleIndex.map(String.init) ?? "-", $0.field, $0.element.map(String.init) ?? "-"].joined(separator: " ")
        }
        #expect(
            faults == [
                "- corp_id -", "0 id -", "0 name -", "0 words -", "1 id -", "1 words 0", "1 words 1", "1 words 2",
                "1 words 3", "1 words 4", "1 words 5", "1 allow 0", "1 robots 0", "2 allow 0", "3 id -",
            ])
        #expect(throws: InvalidRules.self) { try RuleSet(configuration, version: "v") }
    }

    @Test func aSetOfTooManyWordsIsRefused() {
        let words = (0...RuleSet.Limits.words).map { "词\($0)" }
        let faults = RuleSet.validate(
            RulesConfiguration(corpID: "c", rules: [Self.fixtures.rule(words: words)]))
        #expect(faults.map(\.field) == ["rules"])
    }

    @Test func theFixtureAndAnEmptySetAreValid() throws {
        #expect(RuleSet.validate(try Self.fixtures.corpusRules()) == [])
        #expect(Self.fixtures.patterns(in: "维权", try Self.fixtures.ruleSet()) == [])
    }

    @Test func anExplanationShowsFoldingHitsAndWhyNot() throws {
        let rules = try Self.fixtures.ruleSet(
            Self.fixtures.rule("words", words: ["维权", "脑残", "返现", "12315", "sb"], allow: ["电脑残留", "往返"]))
        let explanation = rules.explain(text: "維*權 电脑残留 往返 现在 USB 维、、、、权")
        #expect(explanation.folded == "维权电脑残留往返现在usb维权")
        #expect(explanation.hits.map(\.facts.id) == ["words"])
        #expect(
            explanation.hits.first?.spans == [
                Alert.Span(start: 0, end: 3, pattern: "维权", transforms: [.simplified, .separators])
            ])
        let reasons = Dictionary(explanation.innocent.map { ($0.span.pattern, $0.because) }) { first, _ in first }
        #expect(
            reasons == [
                "脑残": .insideAllowedWord, "返现": .bridgesWords, "sb": .insideToken, "维权": .tooFarApart,
            ])
    }

    /// Whatever a hit points at, read alone, is the word it names and nothing more.
    @Test func everySpanAloneIsItsWord() throws {
        let rules = try RuleSet(Self.fixtures.corpusRules(), version: "v")
        for line in try SensitiveWordsCorpusTests.lines() {
            let scalars = Array(line.text.unicodeScalars)
            for hit in rules.explain(text: line.text).hits {
                for span in hit.spans {
                    var view = String.UnicodeScalarView()
                    view.append(contentsOf: scalars[span.start..<span.end])
                    let again = rules.explain(text: String(view)).hits.first { $0.facts.id == hit.facts.id }
                    let expected = Alert.Span(
                        start: 0, end: span.end - span.start, pattern: span.pattern, transforms: span.transforms)
                    #expect(again?.spans == [expected], "\(line.id)")
                }
            }
        }
    }

    /// Random disguises of a word between random neighbours: it is found exactly where it was put.
    @Test func disguisedWordsAreFoundWhereTheyStand() throws {
        let disguises: [Character: [String]] = [
            "维": ["维", "維"], "权": ["权", "權"], "1": ["1", "１", "①", "𝟏"], "v": ["v", "V", "ｖ", "𝘃"],
            "x": ["x", "X", "ⓧ"],
        ]
        let separators = [" ", "*", "。", "😡", "\n", "❤️", "、"]
        let invisible = ["\u{200b}", "\u{336}", "\u{2060}", "\u{fe0f}"]
        let seed = UInt64.random(in: 1...1_000_000)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let word = ["维权", "v11", "维1权", "vx"].randomElement(using: &random) ?? "维权"
            var disguised = ""
            for (index, character) in word.enumerated() {
                if index > 0 {
                    for _ in 0..<Int.random(in: 0...3, using: &random) {
                        disguised += separators.randomElement(using: &random) ?? ""
                    }
                }
                disguised += disguises[character]?.randomElement(using: &random) ?? ""
                if Bool.random(using: &random) { disguised += invisible.randomElement(using: &random) ?? "" }
            }
            let text = "他们说" + disguised + "好吗"
            let end = 3 + disguised.unicodeScalars.count
            let rules = try Self.fixtures.ruleSet(Self.fixtures.rule(words: [word]))
            let spans = rules.explain(text: text).hits.flatMap(\.spans)
            #expect(spans.map(\.start) == [3], "seed \(seed): \(text.debugDescription)")
            // An invisible character that belongs to no character before it is left outside.
            let tail = text.unicodeScalars.dropFirst(spans.first?.end ?? 0).prefix(end - (spans.first?.end ?? 0))
            #expect(tail.allSatisfy { $0.value == 0x200b || $0.value == 0x2060 }, "\(text.debugDescription)")
        }
    }
}
