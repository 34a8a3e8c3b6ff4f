import ArgumentParser
import Contracts
import TagScoring
import WorkerHost

/// `scrm tags verify`.
struct TagsVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Count every customer's tags again from the stored events.",
        discussion: """
            The scorer follows events one by one; this reads all events of each customer, judges them straight by the rules \
            and names every customer whose tags differ. Changes nothing; the workers may go on. Customers whose timer is \
            being fired, or who wait for new rules, are counted as pending.

            Ends with 0 when all agree and with 1 when something differs.

            Example: scrm tags verify --json
            """)

    @Option(help: ArgumentHelp("Only this corp.", valueName: "id"))
    var corp: String?
    @OptionGroup var options: OperatorOptions

    struct Report: Encodable {
        var customers = 0
        var tags = 0
        /// Not looked at: a timer is due, or other rules were adopted since.
        var pending = 0
        var differing = 0
        /// The first hundred.
        var differences: [Difference] = []

        var text: String {
            let all = "\(customers) customers with \(tags) tags"
            let waiting = pending > 0 ? ", \(pending) pending" : ""
            guard differing > 0 else { return "\(all)\(waiting): everything agrees" }
            return
                (["\(differing) of \(all)\(waiting) differ from a recount:"]
                + differences.map {
                    "\($0.corpID) \($0.customerID): has [\($0.stored.joined(separator: ", "))], "
                        + "counted [\($0.counted.joined(separator: ", "))]"
                }).joined(separator: "\n")
        }
    }

    struct Difference: Encodable {
        var corpID: String
        var customerID: String
        var stored: [String]
        var counted: [String]
    }

    func run() async throws {
        let settings = try options.settings(needs: [.database])
        let console = options.console
        let report = try await FleetDatabases.with(settings) { databases in
            try await verify(databases) { console.progress("\($0) customers counted") }
        }
        console.endProgress()
        try console.report(report, text: report.text)
        if report.differing > 0 { throw Outcome.failure }
    }

    private func verify(_ databases: FleetDatabases, progress: (Int) -> Void) async throws -> Report {
        let rules = try await StoredCustomer.rules(databases)
        let recount = TagRecount()
        var report = Report()
        var last = CustomerKey(corpID: "", customerID: "")
        while true {
            let page = try await StoredCustomer.page(databases, after: last, corp: corp, customer: nil, limit: 200)
            for customer in page {
                last = customer.key
                report.customers += 1
                report.tags += customer.held.count
                guard let set = rules[customer.key.corpID] else { continue }
                let now = SystemClock().nowMilliseconds
                if customer.ruleVersion != set.version || customer.dueAt.map({ $0 <= now }) ?? false {
                    report.pending += 1
                    continue
                }
                let counted = recount.tags(customer.events, set.rules, now: now)
                guard counted != customer.held else { continue }
                report.differing += 1
                if report.differences.count < 100 {
                    report.differences.append(
                        Difference(
                            corpID: customer.key.corpID, customerID: customer.key.customerID,
                            stored: customer.held.sorted(), counted: counted.sorted()))
                }
            }
            progress(report.customers)
            if page.count < 200 { return report }
        }
    }
}
