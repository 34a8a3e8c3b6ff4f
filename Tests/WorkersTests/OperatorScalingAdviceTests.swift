import FleetOperator
import Testing

struct OperatorScalingAdviceTests {
    struct Case: CustomTestStringConvertible {
        var name: String
        var load: WorkerLoad
        var beginning: String
        var testDescription: String { name }
    }

    static func load(
        copies: Int = 1, lag: Int64? = 50_000, seconds: Double? = 60, shares: [WorkerLoad.Stage: Double] = [:],
        waitingFor: [String] = []
    ) -> WorkerLoad {
        WorkerLoad(
            worker: "archive-ingest", copies: copies, partitions: 12, lagRecords: lag, lagSeconds: seconds,
            shares: shares,
            waitingFor: waitingFor)
    }

    static let cases = [
        Case(name: "nobody runs", load: load(copies: 0), beginning: "No copy is running and 50000 records wait"),
        Case(name: "nobody runs, nothing waits", load: load(copies: 0, lag: 0), beginning: "No copy is running."),
        Case(
            name: "the database is away", load: load(waitingFor: ["the database"]),
            beginning: "More copies would not help: it waits for the database"),
        Case(name: "no lag", load: load(lag: 0, seconds: 0), beginning: "It keeps up"),
        Case(name: "one batch under way", load: load(lag: 900, seconds: 0.4), beginning: "It keeps up"),
        Case(name: "lag unknown", load: load(lag: nil, seconds: nil), beginning: "Its lag is unknown"),
        Case(
            name: "as many copies as partitions", load: load(copies: 12, shares: [.deciding: 0.9]),
            beginning: "It is behind, but each of the 12 partitions"),
        Case(
            name: "deciding", load: load(shares: [.deciding: 0.7, .database: 0.2, .waiting: 0.1]),
            beginning: "More copies would help: deciding takes 70 %"),
        Case(
            name: "one copy in the database", load: load(shares: [.database: 0.8, .deciding: 0.1]),
            beginning: "Another copy would help while PostgreSQL"),
        Case(
            name: "several copies in the database", load: load(copies: 3, shares: [.database: 0.8, .deciding: 0.1]),
            beginning: "More copies would mostly load the database, which takes 80 %"),
        Case(
            name: "publishing", load: load(shares: [.publishing: 0.6, .database: 0.3]),
            beginning: "More copies would help little: publishing takes 60 %"),
        Case(
            name: "idle but behind", load: load(shares: [.waiting: 0.99]), beginning: "It is behind but hardly working"),
        Case(name: "no shares told", load: load(), beginning: "It is behind but hardly working"),
    ]

    @Test(arguments: cases) func theSentenceFitsTheSituation(_ example: Case) {
        let sentence = ScalingAdvice.sentence(example.load)
        #expect(sentence.hasPrefix(example.beginning), "\(sentence)")
    }
}
