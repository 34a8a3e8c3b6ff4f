/// The units that occur in any pattern, numbered from 1 by falling frequency.
///
/// Small dense codes keep the double array small, and a unit outside the alphabet ends every partial match at once.
struct Alphabet: Sendable {
    /// The code of every unit that is in no pattern.
    static let foreign: Int32 = 0

    /// Codes are below this number.
    let codeLimit: Int32

    /// Two-level table: page number by the unit's high bits, then 256 codes a page. Page 0 is all foreign.
    private let pageNumbers: [UInt16]
    private let codes: [Int32]

    init(of patterns: [[UInt32]]) {
        var frequencies: [UInt32: Int] = [:]
        for pattern in patterns {
            for unit in pattern { frequencies[unit, default: 0] += 1 }
        }
        let units = frequencies.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)

        var pageNumbers = [UInt16](repeating: 0, count: Int((units.max() ?? 0) >> 8) + 1)
        var codes = [Int32](repeating: Self.foreign, count: 256)
        for (index, unit) in units.enumerated() {
            let high = Int(unit >> 8)
            if pageNumbers[high] == 0 {
                pageNumbers[high] = UInt16(codes.count >> 8)
                codes.append(contentsOf: repeatElement(Self.foreign, count: 256))
            }
            codes[Int(pageNumbers[high]) << 8 | Int(unit & 0xff)] = Int32(index + 1)
        }
        self.pageNumbers = pageNumbers
        self.codes = codes
        codeLimit = Int32(units.count + 1)
    }

    func code(of unit: UInt32) -> Int32 {
        let high = Int(unit >> 8)
        guard high < pageNumbers.count else { return Self.foreign }
        return codes[Int(pageNumbers[high]) << 8 | Int(unit & 0xff)]
    }
}
