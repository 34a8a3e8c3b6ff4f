/// How much a person may write. Counted in Unicode scalars; a NUL, which the database cannot keep, is no text.
package enum AlertActionLimits {
    package static let name = 64
    package static let note = 1_000

    package static func isName(_ text: String) -> Bool {
        (1...name).contains(text.unicodeScalars.count) && text.contains { !$0.isWhitespace }
            && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    package static func isNote(_ text: String) -> Bool {
        text.unicodeScalars.count <= note && !text.unicodeScalars.contains("\0")
    }
}
