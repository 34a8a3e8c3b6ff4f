/// What is to be said of a set that is valid by itself, in view of the rest of the configuration.
package struct ConfigurationFindings: Sendable, Equatable {
    /// The set can't be published.
    package var faults: [String] = []
    /// It can, but perhaps it is not what was meant.
    package var warnings: [String] = []

    package init() {}
}
