/// Hides what must not be pushed to phones: whose id it is, phone numbers, card numbers.
package enum Masking {
    /// `wmR4xTCwAAq0Zc7hVw2Ue8mJt5Lk9PsA` → `wm…A***`: enough to tell two customers apart, not to look one up.
    package static func customerID(_ id: String) -> String {
        guard id.count > 4, let last = id.last else { return "***" }
        return "\(id.prefix(2))…\(last)***"
    }

    /// Replaces the digits in the middle of long numbers by `*`, one for one, so that offsets stay true.
    ///
    /// A number is a run of at least seven digits, ASCII or full-width, also when single spaces, hyphens or dots divide
    /// it. Eleven-digit ones keep the first three and the last four (as phone numbers are customarily shown), longer
    /// ones the last four, shorter ones the last two. The final X of an identity number counts as a digit.
    package static func digits(in text: String) -> String {
        var scalars = Array(text.unicodeScalars)
        var index = 0
        while index < scalars.count {
            guard isDigit(scalars[index]) else {
                index += 1
                continue
            }
            var positions = [index]
            var next = index + 1
            while next < scalars.count {
                if isDigit(scalars[next]) {
                    positions.append(next)
                    next += 1
                } else if isSeparator(scalars[next]), next + 1 < scalars.count, isDigit(scalars[next + 1]) {
                    next += 1
                } else {
                    break
                }
            }
            index = next
            guard positions.count >= 7 else { continue }
            if positions.count == 17, next < scalars.count, scalars[next] == "X" || scalars[next] == "x" {
                positions.append(next)
                index += 1
            }
            for position in positions[hidden(of: positions.count)] { scalars[position] = "*" }
        }
        var result = String.UnicodeScalarView()
        result.append(contentsOf: scalars)
        return String(result)
    }

    /// The part of a number that is hidden.
    private static func hidden(of count: Int) -> Range<Int> {
        switch count {
        case 11: 3..<7
        case 12...: 0..<(count - 4)
        default: 0..<(count - 2)
        }
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        ("0"..."9").contains(scalar) || ("０"..."９").contains(scalar)
    }

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "-" || scalar == "." || scalar == "\u{3000}" || scalar == "－"
    }
}
