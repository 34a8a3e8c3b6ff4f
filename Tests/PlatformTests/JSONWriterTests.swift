import Foundation
import JSON
import Testing

@Suite("JSON: writing")
struct JSONWriterTests {
    @Test func commasAndBracketsAreItsBusiness() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a")
        writer.beginArray()
        writer.integer(Int64(-1))
        writer.integer(UInt64.max)
        writer.beginObject()
        writer.endObject()
        writer.null()
        writer.endArray()
        writer.key("b")
        writer.bool(true)
        writer.key("c")
        writer.string("")
        writer.endObject()
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"{"a":[-1,18446744073709551615,{},null],"b":true,"c":""}"#)
    }

    /// Every character comes back from two readers.
    @Test func everyCharacterComesBack() throws {
        let scalars = (0...0x10FFFF).lazy.filter { $0 < 0x3000 || $0 % 97 == 0 }.compactMap { Unicode.Scalar($0) }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars.filter { $0.value != 0 })
        var writer = JSONWriter()
        writer.beginArray()
        writer.string(String(text))
        writer.endArray()
        #expect(try JSONDecoder().decode([String].self, from: Data(writer.bytes)) == [String(text)])
        let document = try JSONParser().parse(writer.bytes)
        #expect(document.root.elements.map(\.string) == [String(text)])
        #expect(document.repairs == [])
    }
}
