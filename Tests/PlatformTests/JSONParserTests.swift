import JSON
import Testing

@Suite("JSON: reading")
struct JSONParserTests {
    private func parse(_ text: String, maximumDepth: Int = 128) throws(JSONError) -> JSONDocument {
        try JSONParser(maximumDepth: maximumDepth).parse(Array(text.utf8))
    }

    @Test(arguments: [
        "", " ", "{", "}", "[", "]", "[1,]", "[,1]", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":1 "b":2}"#,
        "[1 2]",
        "nul", "nulll", "tru", "truee", "falsee", "01", "-", "1.", ".5", "1e", "1e+", "+1", "0x1", "NaN", "1a",
        #"1"a""#,
        #""a"#, #""a"b"#, #""\x""#, #""\u12""#, #""\u12g4""#, "{1:2}", "[}", "{]", "1 1", "[1]]", "[[1]", "\u{0}",
        "[1\u{0}]",
        #"{"a":1}}"#, #"{"a" 1}"#, #"{"a"::1}"#, ":", ",", "{:}", #"["a":1]"#, "[1:2]", "'a'", "\u{FEFF}1",
    ])
    func whatIsNotJSONIsRefused(text: String) {
        #expect(throws: JSONError.self) { try parse(text) }
    }

    @Test(arguments: [
        ("0", "0"), ("-0", "-0"), ("18446744073709551616", "18446744073709551616"), ("1e400", "1e400"),
        (" -12.50e+3 ", "-12.50e+3"), ("[7]", nil), (#""7""#, nil),
    ])
    func aNumberKeepsItsLiteral(text: String, literal: String?) throws {
        #expect(try parse(text).root.literal == literal)
    }

    @Test(
        arguments: [
            ("0", 0, 0, 0), ("-0", 0, 0, 0), ("9223372036854775807", .max, 9_223_372_036_854_775_807, 0x1p63),
            ("9223372036854775808", nil, 9_223_372_036_854_775_808, 0x1p63),
            ("-9223372036854775808", .min, nil, -0x1p63),
            ("18446744073709551615", nil, .max, 0x1p64), ("18446744073709551616", nil, nil, 0x1p64),
            ("11101571002822706744", nil, 11_101_571_002_822_706_744, 11_101_571_002_822_707_200),
            ("1.5", nil, nil, 1.5),
            ("1e2", nil, nil, 100), ("1e400", nil, nil, .infinity),
        ] as [(String, Int64?, UInt64?, Double)])
    func numbersAreExact(text: String, int64: Int64?, uint64: UInt64?, double: Double) throws {
        let value = try parse(text).root
        #expect(value.int64 == int64)
        #expect(value.uint64 == uint64)
        #expect(value.double == double)
    }

    @Test(arguments: [
        (#""""#, ""), (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{C}\n\r\t"), (#""\u4F60\u597d""#, "你好"),
        (#""\ud83d\ude00x""#, "😀x"), (#""\u00e9\u0080\u07ff\u0800\uffff""#, "é\u{80}\u{7ff}\u{800}\u{ffff}"),
        (#""😀，。""#, "😀，。"), (#" "a b"  "#, "a b"),
    ])
    func stringsAreUnescaped(text: String, expected: String) throws {
        let document = try parse(text)
        #expect(document.root.string == expected)
        #expect(document.repairs == [])
    }

    @Test(
        arguments: [
            (#""\ud83d""#, "\u{FFFD}", JSONRepairs.loneSurrogate), (#""\ude00a""#, "\u{FFFD}a", .loneSurrogate),
            (#""\ud83d\u0041""#, "\u{FFFD}A", .loneSurrogate), (#""\ud83d\n""#, "\u{FFFD}\n", .loneSurrogate),
            (#""a\u0000b""#, "ab", .nul), (#""\u0000\udfff""#, "\u{FFFD}", [.nul, .loneSurrogate]),
        ] as [(String, String, JSONRepairs)])
    func impossibleCharactersAreRepaired(text: String, expected: String, repairs: JSONRepairs) throws {
        let document = try parse(text)
        #expect(document.root.string == expected)
        #expect(document.repairs == repairs)
    }

    @Test(
        arguments: [
            ([0xEF, 0xBB, 0xBF] + Array(#""a""#.utf8), "a", JSONRepairs.byteOrderMark),
            (Array("\"a\u{1}\n\u{0}b\"".utf8), "ab", .controlCharacter),
            (Array("\"a\\".utf8) + [0x01] + Array("n\"".utf8), "a\n", .controlCharacter),
            (Array("\"a".utf8) + [0xFF] + Array("\"".utf8), "a\u{FFFD}", .invalidUTF8),
            (Array("\"".utf8) + [0xED, 0xA0, 0x80] + Array("\"".utf8), "\u{FFFD}\u{FFFD}\u{FFFD}", .invalidUTF8),
            (
                [0xEF, 0xBB, 0xBF] + Array("\"\t".utf8) + [0xC3] + Array("\"".utf8), "\u{FFFD}",
                [.byteOrderMark, .controlCharacter, .invalidUTF8]
            ),
        ] as [([UInt8], String, JSONRepairs)])
    func whatRelaysSendIsMended(bytes: [UInt8], expected: String, repairs: JSONRepairs) throws {
        let parser = JSONParser()
        #expect(throws: JSONError.self) { try parser.parse(bytes) }
        let document = try parser.parseMending(bytes)
        #expect(document.root.string == expected)
        #expect(document.repairs == repairs)
    }

    @Test func membersAndElementsAreFound() throws {
        let text = #" { "a" : [ 1 , [ ] , { } , "x" ] , "b" : null , "a" : true, "c":{"d":{"e":[[[5]]]}} } "#
        let root = try parse(text).root
        #expect(root.kind == .object)
        #expect(root.count == 4)
        #expect(root["a"]?.count == 4)
        #expect(root["a"]?.elements.map(\.kind) == [.number, .array, .object, .string])
        #expect(root["b"]?.isNull == true)
        #expect(root["z"] == nil)
        #expect(root["a"]?["a"] == nil)
        #expect(root["c"]?["d"]?["e"]?.elements.first { _ in true }?.count == 1)
        #expect(root.members.map { $0.key.string } == ["a", "b", "a", "c"])
        #expect(root.members.map { $0.value.bool } == [nil, nil, true, nil])
        #expect(Array(root["c"]?.members ?? root.members).count == 1)
        #expect(String(decoding: root["a"]?.rawBytes ?? [], as: UTF8.self) == #"[ 1 , [ ] , { } , "x" ]"#)
        #expect(String(decoding: root["c"]?["d"]?.rawBytes ?? [], as: UTF8.self) == #"{"e":[[[5]]]}"#)
    }

    @Test(arguments: [(5, true), (6, false), (100_000, false)])
    func depthIsLimited(depth: Int, isRead: Bool) throws {
        let text = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        do {
            #expect(try parse(text, maximumDepth: 5).root.kind == .array)
            #expect(isRead)
        } catch {
            #expect(!isRead)
            #expect(error == .tooDeep(offset: 5))
        }
    }

    @Test func aParserIsReusedForDocumentsOfAnySize() throws {
        let parser = JSONParser()
        for size in [1, 8_000_000, 3, 4096, 70_000, 10] {
            let text = "[\"" + String(repeating: "很", count: size / 3) + "\\n\",\(size)]"
            let root = try parser.parse(Array(text.utf8)).root
            #expect(root.elements.map(\.int64) == [nil, Int64(size)])
            #expect(root.elements.first { _ in true }?.string?.utf8.count == size / 3 * 3 + 1)
        }
    }

    @Test func aDocumentInsideAStringIsRead() throws {
        let outer = try parse(#"{"content":"{\"content\":\"a\\u0000b\"}","n":5}"#).root
        let inner = try JSONParser().parseMending(contentOf: #require(outer["content"]))
        #expect(inner.root["content"]?.string == "ab")
        #expect(inner.repairs == .nul)
        #expect(outer["n"]?.int64 == 5)
        #expect(throws: JSONError.self) { try JSONParser().parseMending(contentOf: #require(outer["n"])) }
    }
}
