import Contracts
import RegularExpressions

/// The patterns of all rules of a set, ready to be found.
struct PatternSet: Sendable {
    struct Use: Sendable {
        var rule: Int
        /// Index into ``patterns``.
        var pattern: Int
    }

    /// Each once.
    let patterns: [RulesConfiguration.Pattern]
    let uses: [Use]
    private let numbers: [(kind: NumberKind, pattern: Int)]
    private let expressions: ExpressionSet?
    /// For each expression, the pattern it belongs to.
    private let patternOfExpression: [Int]
    /// All expressions need a Latin letter to match.
    private let needLetters: Bool

    /// - Throws: Nothing: expressions that cannot be compiled were refused by validation.
    init(_ rules: [RulesConfiguration.Rule]) {
        var patterns: [RulesConfiguration.Pattern] = []
        var indices: [RulesConfiguration.Pattern: Int] = [:]
        var uses: [Use] = []
        for (index, rule) in rules.enumerated() {
            for pattern in rule.patterns {
                if indices[pattern] == nil {
                    indices[pattern] = patterns.count
                    patterns.append(pattern)
                }
                if let pattern = indices[pattern], !uses.contains(where: { $0.rule == index && $0.pattern == pattern })
                {
                    uses.append(Use(rule: index, pattern: pattern))
                }
            }
        }
        var numbers: [(NumberKind, Int)] = []
        var expressions: [(text: String, pattern: Int)] = []
        var needLetters = true
        for (index, pattern) in patterns.enumerated() {
            switch pattern {
            case .named(.phone): numbers.append((.phone, index))
            case .named(.bankCard): numbers.append((.bankCard, index))
            case .named(.idCard): numbers.append((.idCard, index))
            case .named(.wechatID): expressions.append((NamedExpression.wechatID, index))
            case .named(.email): expressions.append((NamedExpression.email, index))
            case .named(.url): expressions.append((NamedExpression.url, index))
            case .expression(let text):
                expressions.append((text, index))
                needLetters = false
            }
        }
        self.patterns = patterns
        self.uses = uses
        self.numbers = numbers
        self.expressions = ExpressionSet(expressions.map(\.text))
        patternOfExpression = expressions.map(\.pattern)
        self.needLetters = needLetters
    }

    var isEmpty: Bool { patterns.isEmpty }

    /// - Parameter finder: Has just read `text`.
    func findings(in text: String, read finder: OccurrenceFinder, buffer: FoldedText) -> [PatternFinding] {
        var findings: [PatternFinding] = []
        let cues = finder.folded.cues
        if !numbers.isEmpty && cues & (FoldingTable.Entry.digitCue | FoldingTable.Entry.numeralCue) != 0 {
            findings += numberFindings(in: text, read: finder)
        }
        if let expressions, !needLetters || cues & FoldingTable.Entry.letterCue != 0 {
            buffer.fold(text, signs: .plain)
            findings += expressionFindings(expressions, in: buffer)
        }
        return findings
    }

    private func numberFindings(in text: String, read finder: OccurrenceFinder) -> [PatternFinding] {
        guard finder.folded.count >= NumberFinder.minimumDigits else { return [] }
        let finding = NumberFinder(text)
        var candidates = finding.numbers(in: finder.folded.reading)
        if finder.folded.cues & FoldingTable.Entry.numeralCue != 0,
            let reading = finder.numeralReading(widestGap: 2)
        {
            candidates += finding.numbers(in: reading).filter(\.hasNumerals)
        }
        return candidates.flatMap { number in
            numbers.filter { $0.kind.accepts(number.digits) }.map {
                PatternFinding(
                    pattern: $0.pattern, start: number.range.lowerBound, end: number.range.upperBound,
                    hasNumerals: number.hasNumerals)
            }
        }
    }

    private func expressionFindings(_ expressions: ExpressionSet, in text: FoldedText) -> [PatternFinding] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3)
        // For each byte, the unit it belongs to.
        var units: [Int32] = []
        units.reserveCapacity(text.count * 3)
        for (index, unit) in text.scalars.enumerated() {
            guard let scalar = Unicode.Scalar(unit) else { continue }
            for byte in String(scalar).utf8 {
                bytes.append(byte)
                units.append(Int32(index))
            }
        }
        return expressions.matches(in: bytes).map { match in
            PatternFinding(
                pattern: patternOfExpression[match.expression],
                start: text.reading.firstOffset(of: Int(units[match.range.lowerBound])),
                end: text.reading.firstOffset(of: Int(units[match.range.upperBound - 1])) + 1)
        }
    }
}

/// What the named patterns that are no numbers look like, in folded text.
enum NamedExpression {
    /// A name of 6 to 20 letters, digits, `-` and `_` that begins with a letter, after what announces it.
    static let wechatID =
        #"(?:(?:微信|微心|薇信|威信|v信|weixin|wechat|\bwx|\bvx)(?:\s|号|id|是|为|搜|[:,，])*|\bv(?:\s|号|[:,，])+)[a-z][a-z0-9_-]{5,19}\b"#
    static let email = #"[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}"#
    static let url =
        #"(?:https?://|www\.)[a-z0-9-]+(?:\.[a-z0-9-]+)+[^\s\p{Han}]*|\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|cn|net|org|top|vip|xyz|shop|site|club|cc|me|io|app|link)\b(?:/[^\s\p{Han}]*)?"#
}
