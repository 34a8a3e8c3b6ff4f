/// Hides what must not be pushed to phones: whose id it is, phone numbers, card numbers.
package enum Masking {
    /// `wmR4xTCwAAq0Zc7hVw2Ue8mJt5Lk9PsA` → `wm…A***`: enough to tell two customers apart, not to look one up.
    package static func customerID(_ id: String) -> String {
        guard id.count > 4, let last = id.last else { return "***" }
        return "\(id.prefix(2))…\(last)***"
    }

    /// Replaces the digits in the middle of long numbers by `*`, one for one, so that offsets stay true.
    ///
    /// A number is a run of at least seven digits of any script, full-width and circled ones too, also when a single
    /// space, hyphen or dot stands between two of them. From eleven digits on (a mobile phone) up to three other
    /// characters that are no letters do not hide it either: brackets, dashes, line breaks, emoji. Invisible characters
    /// never count. Eleven-digit numbers keep the first three and the last four (as phone numbers are customarily
    /// shown), longer ones the last four, shorter ones the last two. The final X of an identity number counts as a digit.
    package static func digits(in text: String) -> String {
        var scalars = Array(text.unicodeScalars)
        var index = 0
        while index < scalars.count {
            guard isDigit(scalars[index]) else {
                index += 1
                continue
            }
            let run = DigitRun(from: index, in: scalars)
            index = run.end
            for number in run.numbers {
                for position in number[hidden(of: number.count)] { scalars[position] = "*" }
            }
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

    /// Digits that follow each other closely, in groups that stand closer still.
    private struct DigitRun {
        /// Positions of the digits: within a group at most one space, hyphen or dot stands between two.
        var groups: [[Int]]
        /// The position after the last digit.
        var end: Int

        init(from start: Int, in scalars: [Unicode.Scalar]) {
            groups = [[start]]
            end = start + 1
            while let (next, isClose) = Self.digit(after: end, in: scalars) {
                if isClose { groups[groups.count - 1].append(next) } else { groups.append([next]) }
                end = next + 1
            }
            let last = groups.count - 1
            if groups[last].count == 17, end < scalars.count, "xXｘＸ".unicodeScalars.contains(scalars[end]) {
                groups[last].append(end)
                end += 1
            }
        }

        /// What has to be hidden: each group that is a number by itself, or all together when only that makes one.
        var numbers: [[Int]] {
            let long = groups.filter { $0.count >= 7 }
            if long.count == groups.count { return long }
            let all = groups.flatMap(\.self)
            return all.count >= 11 ? [all] : long
        }

        /// The next digit, if no letter and no more than three visible characters come before it.
        private static func digit(after start: Int, in scalars: [Unicode.Scalar]) -> (position: Int, isClose: Bool)? {
            var between = 0
            var isClose = true
            for position in start..<scalars.count {
                let scalar = scalars[position]
                if isDigit(scalar) { return (position, isClose) }
                if isInvisible(scalar) { continue }
                between += 1
                if between > 3 || scalar.properties.isAlphabetic { return nil }
                isClose = between == 1 && isSeparator(scalar)
            }
            return nil
        }
    }

    /// By value, so that ３, ③, 𝟑 and ٣ are all threes. Han numerals are letters, and part of ordinary words.
    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.numericType {
        case .decimal, .digit: true
        default: false
        }
    }

    private static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "-" || scalar == "." || scalar == "\u{3000}" || scalar == "－"
    }

    /// Zero-width and direction marks, variation selectors, combining marks such as the frame of a keycap.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .format, .nonspacingMark, .enclosingMark: true
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }
}
