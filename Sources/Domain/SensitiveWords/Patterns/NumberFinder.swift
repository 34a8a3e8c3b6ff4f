/// Finds numbers in a folded text: runs of digits, written together or in groups.
struct NumberFinder {
    /// Signs that may stand between the groups of one number.
    private static let groupSigns = Set(" \u{a0}\u{3000}-‐‑–—－.·_".unicodeScalars)
    private static let letterX: UInt32 = 0x78

    struct Number {
        var digits: [UInt8]
        /// Scalars of the original.
        var range: Range<Int>
        var hasNumerals: Bool
    }

    /// Numbers that may be worth a check, shorter ones left out.
    static let minimumDigits = 11

    private let original: [Unicode.Scalar]

    init(_ text: String) { original = Array(text.unicodeScalars) }

    /// - Parameter reading: The text, or its reading with numerals as digits.
    func numbers(in reading: Reading) -> [Number] {
        let units = reading.units
        var numbers: [Number] = []
        var start = 0
        while start < reading.count {
            guard Self.isDigit(units[start]) else {
                start += 1
                continue
            }
            var end = start + 1
            while end < reading.count, Self.isDigit(units[end]), continues(reading, at: end) { end += 1 }
            var digits = (start..<end).map { UInt8(units[$0] - 0x30) }
            if digits.count == 17, end < reading.count, units[end] == Self.letterX, continues(reading, at: end) {
                digits.append(10)
                end += 1
            }
            let isWhole =
                !(start > 0 && reading.isJoined(at: start) && Self.isLetter(units[start - 1]))
                && !(end < reading.count && reading.isJoined(at: end)
                    && (Self.isLetter(units[end]) || Self.isDigit(units[end])))
            if isWhole && digits.count >= Self.minimumDigits {
                numbers.append(
                    Number(
                        digits: digits,
                        range: reading.firstOffset(of: start)..<reading.lastOffset(of: end - 1) + 1,
                        hasNumerals: reading.isChanged(in: start..<end)))
            }
            start = end
        }
        return numbers
    }

    /// Nothing but a sign between groups stands before the unit.
    private func continues(_ reading: Reading, at index: Int) -> Bool {
        switch reading.gap(before: index) {
        case 0: true
        case 1...2:
            original[reading.lastOffset(of: index - 1) + 1..<reading.firstOffset(of: index)].allSatisfy {
                Self.groupSigns.contains($0) || $0.properties.isDefaultIgnorableCodePoint
            }
        default: false
        }
    }

    private static func isDigit(_ unit: UInt32) -> Bool { 0x30...0x39 ~= unit }
    private static func isLetter(_ unit: UInt32) -> Bool { FoldingTable.shared.kind(ofFolded: unit) == .letter }
}
