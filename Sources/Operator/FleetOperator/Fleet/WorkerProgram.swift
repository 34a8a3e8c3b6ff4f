package import Contracts

extension Schema {
    /// Record topics the worker consumes, in the order of the table.
    package var sources: [Topic] {
        Topics.all.filter { $0.kind != .configuration && $0.consumers.contains(program) }
    }

    /// Workers in the order in which a message passes through them.
    package static let pipeline: [Schema] = [.archive, .monitor, .alerting, .tagging, .campaigns]

    /// - Throws: ``OperatorFailure`` naming the workers there are.
    package init(worker: String) throws(OperatorFailure) {
        guard let schema = Schema.allCases.first(where: { $0.program == worker || $0.rawValue == worker }) else {
            throw OperatorFailure(
                .usage, "There is no worker \(worker).",
                advice: "The workers are \(Schema.pipeline.map(\.program).joined(separator: ", ")).")
        }
        self = schema
    }
}
