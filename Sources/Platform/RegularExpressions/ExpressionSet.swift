import CRE2

/// Regular expressions that are matched together, in time linear in the text whatever they say (RE2).
///
/// Case does not count. Immutable, and free to be used by any number of tasks at the same time.
@safe
package final class ExpressionSet: @unchecked Sendable {
    // Unchecked: RE2's matching functions are thread-safe, and the handle is only freed by `deinit`.
    private let handle: OpaquePointer

    /// One match, in bytes of the text.
    package struct Match: Sendable, Hashable {
        /// Index into the expressions.
        package var expression: Int
        package var range: Range<Int>
    }

    /// Matches kept of one text.
    private static let maximumMatches = 256
    private static let maximumReason = 200

    /// - Returns: `nil` if there are no expressions, or one is not valid: ask ``fault(in:)``.
    package init?(_ expressions: [String]) {
        guard !expressions.isEmpty else { return nil }
        let lengths = expressions.map(\.utf8.count)
        var joined = expressions.joined()
        let created = joined.withUTF8 { text in
            unsafe text.withMemoryRebound(to: CChar.self) { text in
                unsafe cre2_new(text.baseAddress, lengths, lengths.count)
            }
        }
        guard let handle = unsafe created else { return nil }
        unsafe self.handle = handle
    }

    deinit { unsafe cre2_free(handle) }

    /// What is wrong with an expression; `nil` if nothing is.
    package static func fault(in expression: String) -> String? {
        var expression = expression
        var reason = [CChar](repeating: 0, count: maximumReason)
        let code = expression.withUTF8 { text in
            unsafe text.withMemoryRebound(to: CChar.self) { text in
                unsafe cre2_check(text.baseAddress, text.count, &reason, reason.count)
            }
        }
        guard code != 0 else { return nil }
        let text = String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.isEmpty ? "cannot be compiled" : text
    }

    /// Matches of each expression from left to right, without overlaps and none of them empty.
    package func matches(in text: borrowing [UInt8]) -> [Match] {
        guard !text.isEmpty else { return [] }
        var found = [cre2_match](repeating: cre2_match(), count: Self.maximumMatches)
        let count = unsafe text.withUnsafeBytes { buffer in
            unsafe cre2_find(
                handle, buffer.bindMemory(to: CChar.self).baseAddress, buffer.count, &found, found.count)
        }
        return found.prefix(count).map { Match(expression: Int($0.expression), range: Int($0.start)..<Int($0.end)) }
    }
}
