import Alerting
import ArgumentParser
import Contracts

private let exitCodes =
    "Exit codes: 0 done; 1 all came too late; 2 nothing was done; 3 not decided in time; 4 some came too late."

/// `scrm alerts ack`.
struct AlertsAckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack", abstract: "Acknowledge alerts (认领): the first one has it, and its escalation stops.",
        discussion: """
            \(exitCodes)

            Example: scrm alerts ack al_ncp99mr08d65r5vyyx4f2jh92e --as zhouning --wait
            """)

    @OptionGroup var given: AlertActionOptions

    func run() async throws { try await AlertActionRequest(given: given, kind: .acknowledge).run() }
}

/// `scrm alerts resolve`.
struct AlertsResolveCommand: AsyncParsableCommand {
    enum Result: String, ExpressibleByArgument, CaseIterable {
        case genuine, falseAlarm = "false-alarm", appeased, legal

        var value: AlertResult {
            switch self {
            case .genuine: .genuine
            case .falseAlarm: .falseAlarm
            case .appeased: .appeased
            case .legal: .legal
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "resolve", abstract: "Say what came of alerts (已处理).",
        discussion: """
            The result is genuine (属实), false-alarm (误报), appeased (已安抚) or legal (转法务).
            \(exitCodes)

            Example: scrm alerts resolve al_ncp99mr08d65r5vyyx4f2jh92e --as zhouning --result appeased --note 已电话致歉
            """)

    @Option(help: "What came of it.")
    var result: Result
    @OptionGroup var given: AlertActionOptions

    func run() async throws {
        try await AlertActionRequest(given: given, kind: .resolve, result: result.value).run()
    }
}

/// `scrm alerts comment`.
struct AlertsCommentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "comment", abstract: "Add a note to alerts.",
        discussion: """
            \(exitCodes)

            Example: scrm alerts comment al_ncp99mr08d65r5vyyx4f2jh92e --as zhouning --note 明早回访
            """)

    @OptionGroup var given: AlertActionOptions

    mutating func validate() throws {
        guard given.note?.isEmpty == false else { throw ValidationError("--note is needed.") }
    }

    func run() async throws { try await AlertActionRequest(given: given, kind: .comment).run() }
}

/// `scrm alerts reopen`.
struct AlertsReopenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reopen", abstract: "Open resolved alerts again; they escalate like new ones.",
        discussion: """
            \(exitCodes)

            Example: scrm alerts reopen al_ncp99mr08d65r5vyyx4f2jh92e --as zhouning --note 客户再次来电
            """)

    @OptionGroup var given: AlertActionOptions

    func run() async throws { try await AlertActionRequest(given: given, kind: .reopen).run() }
}
