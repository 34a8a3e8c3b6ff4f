/// Numbers that must not leave the company, told from other numbers by length, beginning and check digit.
enum NumberKind: Sendable, CaseIterable {
    case phone
    case bankCard
    case idCard

    /// - Parameter digits: Values 0–9; 10 for the X at the end of an ID card's number.
    func accepts(_ digits: [UInt8]) -> Bool {
        switch self {
        case .phone: Self.isPhone(digits)
        case .bankCard: Self.isBankCard(digits)
        case .idCard: Self.isIDCard(digits)
        }
    }

    /// 1, then 3 to 9, then nine digits; the country's 86 may stand before it.
    private static func isPhone(_ digits: [UInt8]) -> Bool {
        var number = digits[...]
        if number.count == 13 && number.starts(with: [8, 6]) { number = number.dropFirst(2) }
        guard number.count == 11, number.first == 1, !number.contains(10) else { return false }
        return number.dropFirst().first.map { $0 >= 3 } ?? false
    }

    /// 13 to 19 digits that begin as card numbers do, with Luhn's check digit.
    private static func isBankCard(_ digits: [UInt8]) -> Bool {
        guard 13...19 ~= digits.count, !digits.contains(10), [3, 4, 5, 6, 9].contains(digits[0]) else { return false }
        var sum = 0
        for (index, digit) in digits.reversed().enumerated() {
            let value = index % 2 == 0 ? Int(digit) : Int(digit) * 2
            sum += value > 9 ? value - 9 : value
        }
        return sum % 10 == 0
    }

    /// 18 characters: region, day of birth, serial number, check digit (ISO 7064, MOD 11-2).
    private static func isIDCard(_ digits: [UInt8]) -> Bool {
        guard digits.count == 18, digits[0] != 0, !digits.dropLast().contains(10) else { return false }
        func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + Int($1) } }
        guard 1800...2199 ~= number(6..<10), 1...12 ~= number(10..<12), 1...31 ~= number(12..<14) else { return false }
        return digits.reduce(0) { ($0 * 2 + Int($1)) % 11 } == 1
    }
}
