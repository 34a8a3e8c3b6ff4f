import Foundation
import Kafka

/// Something to be wrong with the broker.
enum BrokerOrder: Equatable {
    /// Closes every connection and refuses new ones.
    case down
    /// Listens again.
    case up
    /// Each answer takes this much longer.
    case delay(milliseconds: Int32)
    /// The next requests of this kind are answered with the error.
    case fail(MockCluster.Request, code: Int32, count: Int)

    static let help = """
          down                      close every connection and refuse new ones
          up                        listen again
          delay MILLISECONDS        answer so much later; 0 ends it
          fail REQUEST CODE COUNT   answer the next COUNT requests with Kafka's error CODE (7: request timed out);
                                    REQUEST is \(Self.requests.keys.sorted().joined(separator: ", "))
        """

    private static let requests: [String: MockCluster.Request] = [
        "produce": .produce, "fetch": .fetch, "metadata": .metadata, "heartbeat": .heartbeat, "join": .joinGroup,
        "commit": .offsetCommit, "coordinator": .findCoordinator,
    ]

    /// `nil` for what is no order.
    init?(_ line: some StringProtocol) {
        let words = line.split(separator: " ")
        switch (words.first, words.count) {
        case ("down", 1): self = .down
        case ("up", 1): self = .up
        case ("delay", 2):
            guard let milliseconds = Int32(words[1]), (0...60_000).contains(milliseconds) else { return nil }
            self = .delay(milliseconds: milliseconds)
        case ("fail", 4):
            guard let request = Self.requests[String(words[1])], let code = Int32(words[2]), let count = Int(words[3]),
                (1...1_000).contains(count)
            else { return nil }
            self = .fail(request, code: code, count: count)
        default: return nil
        }
    }

    func carryOut(on cluster: MockCluster) throws(KafkaError) {
        for broker in 1...cluster.brokerCount {
            switch self {
            case .down: try cluster.setDown(broker: broker)
            case .up: try cluster.setUp(broker: broker)
            case .delay(let milliseconds): try cluster.setRoundTrip(broker: broker, milliseconds: milliseconds)
            case .fail: break
            }
        }
        if case .fail(let request, let code, let count) = self {
            cluster.fail(request, with: Array(repeating: code, count: count))
        }
    }
}

/// Reads orders from standard input, for as long as it is open. What it doesn't understand it says on standard error.
final class BrokerOrders: Sendable {
    init(_ cluster: MockCluster) {
        let thread = Thread {
            while let line = readLine() {
                do {
                    guard let order = BrokerOrder(line) else {
                        Self.complain("'\(line)' is no order; one of:\n\(BrokerOrder.help)")
                        continue
                    }
                    try order.carryOut(on: cluster)
                } catch {
                    Self.complain("\(error)")
                }
            }
        }
        thread.name = "orders"
        thread.start()
    }

    private static func complain(_ text: String) {
        FileHandle.standardError.write(Data("dev-broker: \(text)\n".utf8))
    }
}
