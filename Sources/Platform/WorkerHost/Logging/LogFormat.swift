/// How log lines look.
package enum LogFormat: String, Sendable, CaseIterable {
    /// For people: time, level, program, message, key=value.
    case text
    /// For machines: one JSON object per line.
    case json
}
