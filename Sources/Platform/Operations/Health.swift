/// An answer of `/livez` or `/readyz`.
package enum Health: Sendable, Equatable {
    case good
    /// Why not, in one sentence an operator can act on. No customer text, no secrets.
    case bad(String)
}
