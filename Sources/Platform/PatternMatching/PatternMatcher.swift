/// Finds every occurrence of every pattern in one pass over the text.
///
/// A character-wise Aho-Corasick automaton in a double array: one step costs a few memory reads whatever the number of
/// patterns. Built once, then immutable, so that any number of tasks may use it at the same time.
///
/// Text is a sequence of 32-bit units (Unicode scalars, for us); what two units have in common (case, script) is the
/// caller's business.
package struct PatternMatcher: Sendable {
    /// One occurrence. Occurrences may overlap and contain each other; all are reported.
    package struct Match: Sendable, Hashable {
        /// Index into the patterns given to ``PatternMatcher/init(patterns:)``.
        package var pattern: Int
        /// Index of its first unit in the haystack.
        package var start: Int
        /// Index after its last unit.
        package var end: Int

        package init(pattern: Int, start: Int, end: Int) {
            self.pattern = pattern
            self.start = start
            self.end = end
        }
    }

    private let alphabet: Alphabet
    private let automaton: Automaton

    /// - Parameter patterns: An empty pattern matches nowhere; a pattern given twice is reported twice.
    package init(patterns: [[UInt32]]) {
        alphabet = Alphabet(of: patterns)
        automaton = AutomatonBuilder(alphabet: alphabet).automaton(for: patterns)
    }

    /// Calls `body` for every occurrence, in order of its end; among those with the same end the longest comes first.
    package func forEachMatch(in haystack: Span<UInt32>, _ body: (Match) -> Void) {
        var state = Automaton.root
        for position in haystack.indices {
            let code = alphabet.code(of: haystack[position])
            guard code != Alphabet.foreign else {
                state = Automaton.root
                continue
            }
            state = automaton.successor(of: state, by: code)
            var output = automaton.firstOutput(of: state)
            while output != Automaton.noOutput {
                let entry = automaton.outputs[Int(output)]
                let end = position + 1
                body(Match(pattern: Int(entry.pattern), start: end - Int(entry.length), end: end))
                output = entry.next
            }
        }
    }
}
