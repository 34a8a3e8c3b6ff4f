package import Testing

/// How long tests wait. Whatever comes at all comes long before, however slow the machine is and whatever else it does.
package enum Patience {
    /// For one thing that must happen: only ends the wait for what would never come.
    package static let limit = Duration.seconds(600)
}

extension Trait where Self == TimeLimitTrait {
    /// For a test that waits for several things.
    package static var patient: Self { .timeLimit(.minutes(45)) }
}
