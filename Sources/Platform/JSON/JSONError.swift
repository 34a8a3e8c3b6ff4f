/// Why bytes are not a JSON document. Never holds any of them.
package enum JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Not JSON; `offset` is the byte at which it was noticed, 0 when unknown.
    case syntax(offset: Int)
    /// Nested deeper than the parser allows.
    case tooDeep(offset: Int)
    case invalidUTF8
    /// A character below U+0020 stands unescaped inside a string.
    case controlCharacter
    /// Longer than 1 GiB.
    case tooLarge
    case outOfMemory

    package var description: String {
        switch self {
        case .syntax(let offset): "not JSON, noticed at byte \(offset)"
        case .tooDeep(let offset): "nested too deep at byte \(offset)"
        case .invalidUTF8: "not UTF-8"
        case .controlCharacter: "unescaped control character inside a string"
        case .tooLarge: "longer than 1 GiB"
        case .outOfMemory: "out of memory"
        }
    }
}
