/// The set-up makes it impossible to run; an operator has to change it. Exit code 2.
package struct ConfigurationFault: Error, Disposed, Equatable, CustomStringConvertible {
    package var disposition: Disposition { .halt }
    package var description: String

    package init(_ description: String) { self.description = description }
}

/// The runtime stops the worker because going on could lose or double data, or because an error didn't go away.
package struct RuntimeHalt: Error, Disposed, CustomStringConvertible {
    package var disposition: Disposition { .halt }
    package var description: String

    init(_ description: String) { self.description = description }
}

/// Somebody else raised the epoch of the lane.
struct LaneLost: Error, Equatable {
    var lane: Int32
}

/// The log holds something else than what the lane has processed.
struct AnotherTopic: Error {
    var reason: String
}

/// The batch in hand was given up while draining, because the world would not take it. Nothing of it was committed.
struct BatchDiscarded: Error {}

/// What can be said about an error without quoting data: errors that carry a disposition promise a clean description,
/// of any other only the type is named.
func describe(_ error: any Error) -> String {
    if let disposed = error as? any Disposed, disposed is any CustomStringConvertible { return "\(disposed)" }
    return String(describing: type(of: error))
}
