/// Characters that are written instead of digits.
enum Numerals {
    /// Folded scalars and the digit each stands for.
    static let digits: [UInt32: UInt32] = {
        var digits: [UInt32: UInt32] = [:]
        for (digit, characters) in listed.enumerated() {
            for scalar in characters.unicodeScalars { digits[scalar.value] = 0x30 + UInt32(digit) }
        }
        return digits
    }()

    private static let listed = [
        "零〇洞o", "一幺壹弌li", "二贰两弍", "三叁仨", "四肆", "五伍", "六陆", "七柒拐", "八捌", "九玖勾",
    ]

    /// Shorter runs of digits and numerals are read as they stand.
    static let minimumRun = 4

    @inline(__always)
    static func digit(_ scalar: UInt32) -> UInt32? {
        0x30...0x39 ~= scalar ? scalar : digits[scalar]
    }
}
