import Contracts
import TestSupport
import Testing
import WeCom
import WeComSandbox

/// The real clients against the stand-in, over real HTTP.
@Suite struct WeComClientTests {
    /// For what must be given up: long enough for a starved machine to connect and to get the head of an answer.
    private static let impatience = Duration.seconds(20)
    /// Longer than any test may take.
    private static let neverMilliseconds = 86_400_000

    private static func withClient<Result>(
        requestTimeout: Duration = Patience.limit, _ body: (OutboundHTTP) async throws -> Result
    ) async throws -> Result {
        try await OutboundHTTP.withClient(requestTimeout: requestTimeout, connectTimeout: Patience.limit, body)
    }

    private func withRobot(
        _ settings: SandboxSettings = SandboxSettings(), timeout: Duration = Patience.limit,
        _ body: @escaping @Sendable (GroupRobot, SandboxLedger) async throws -> Void
    ) async throws {
        try await RunningSandbox.with(settings) { sandbox in
            try await Self.withClient(requestTimeout: timeout) { http in
                try await body(GroupRobot(http: http, baseURL: sandbox.baseURL + "/"), sandbox.ledger)
            }
        }
    }

    @Test func aMessageArrivesAsSent() async throws {
        try await withRobot { robot, ledger in
            #expect(await robot.send(markdown: "你好 **维权**", key: "k 1&x=2") == .accepted)
            let call = try #require(ledger.calls().first)
            #expect(call.content == "你好 **维权**")
            #expect(call.robot == "k 1&x=2")
            #expect(call.messageType == "markdown")
        }
    }

    @Test(arguments: [(-1), 45009, 40001])
    func theRobotsOwnCodeIsReported(_ code: Int) async throws {
        try await withRobot { robot, ledger in
            ledger.add(SandboxFault(kind: .errcode, errcode: code))
            #expect(await robot.send(markdown: "x", key: "k") == .code(code))
            #expect(ledger.calls().isEmpty)
            #expect(await robot.send(markdown: "x", key: "k") == .accepted)
        }
    }

    @Test func limitsOfTheContentAreThePlatforms() async throws {
        try await withRobot { robot, ledger in
            #expect(await robot.send(markdown: "", key: "k") == .code(44004))
            #expect(await robot.send(markdown: String(repeating: "维", count: 1366), key: "k") == .code(45002))
            #expect(await robot.send(markdown: String(repeating: "维", count: 1365), key: "k") == .accepted)
            #expect(ledger.counters()["errcode_45002"] == 1)
        }
    }

    @Test func theTwentyFirstMessageOfAMinuteIsRefused() async throws {
        try await withRobot { robot, ledger in
            for _ in 0..<20 { #expect(await robot.send(markdown: "x", key: "a") == .accepted) }
            #expect(await robot.send(markdown: "x", key: "a") == .code(45009))
            #expect(await robot.send(markdown: "x", key: "b") == .accepted)
            #expect(ledger.calls(all: true).count == 22)
        }
    }

    @Test func anUnknownRobotIsGone() async throws {
        try await withRobot(SandboxSettings(robotKeys: ["good"])) { robot, _ in
            #expect(await robot.send(markdown: "x", key: "bad") == .code(93000))
            #expect(await robot.send(markdown: "x", key: "good") == .accepted)
        }
    }

    @Test func errorsOfHTTPAreToldApartFromThePlatforms() async throws {
        try await withRobot { robot, ledger in
            ledger.add(SandboxFault(kind: .http500))
            #expect(await robot.send(markdown: "x", key: "k") == .http(status: 500, retryAfter: nil))
            ledger.add(SandboxFault(kind: .httpStatus, status: 429, retryAfter: 7))
            #expect(await robot.send(markdown: "x", key: "k") == .http(status: 429, retryAfter: .seconds(7)))
        }
    }

    @Test func aSuccessOfHTTPWithoutThePlatformsCodeProvesNothing() async throws {
        try await withRobot { robot, ledger in
            ledger.add(SandboxFault(kind: .httpStatus, status: 204))
            #expect(await robot.send(markdown: "x", key: "k") == .noAnswer)
        }
    }

    @Test func anErrorAfterTheEffectLooksLikeAnyOther() async throws {
        try await withRobot { robot, ledger in
            ledger.add(SandboxFault(kind: .http500AfterEffect))
            #expect(await robot.send(markdown: "x", key: "k") == .http(status: 500, retryAfter: nil))
            #expect(ledger.calls().count == 1)
        }
    }

    /// The status of an answer counts, however much comes behind it.
    @Test func anEndlessAnswerIsReadOnlyAtItsBeginning() async throws {
        try await RunningSandbox.with { sandbox in
            try await Self.withClient { http in
                let webhook = Webhook(http: http, addresses: AddressPolicy(allowsPrivate: true))
                sandbox.ledger.add(SandboxFault(kind: .longAnswer))
                let answer = await webhook.send(
                    to: sandbox.baseURL + "/webhook/crm", alertID: "a1", body: [], secret: "s", timestamp: 17)
                guard case .response(200, _, let body) = answer else {
                    Issue.record("\(answer)")
                    return
                }
                #expect(body.count == OutboundHTTP.maximumAnswerBytes)
                #expect(sandbox.ledger.calls().count == 1)
            }
        }
    }

    /// A body that does not come must not hold up the lane for ever: the status stands, for who believes in it.
    @Test(.patient) func aBodyThatDoesNotComeIsNotWaitedFor() async throws {
        try await RunningSandbox.with { sandbox in
            try await Self.withClient(requestTimeout: Self.impatience) { http in
                sandbox.ledger.add(
                    SandboxFault(kind: .stalledAnswer, count: 2, delayMilliseconds: Self.neverMilliseconds))
                let webhook = Webhook(http: http, addresses: AddressPolicy(allowsPrivate: true))
                async let answer = webhook.send(
                    to: sandbox.baseURL + "/webhook/crm", alertID: "a1", body: [], secret: "s", timestamp: 17)
                let robot = GroupRobot(http: http, baseURL: sandbox.baseURL)
                #expect(await robot.send(markdown: "x", key: "k") == .noAnswer)
                #expect(await answer == .response(status: 200, retryAfter: nil, body: []))
            }
        }
    }

    @Test(arguments: [(SandboxFault.Kind.dropAfterEffect, 1), (.dropBeforeEffect, 0)])
    func aDroppedConnectionLeavesTheOutcomeOpen(_ kind: SandboxFault.Kind, _ effects: Int) async throws {
        try await withRobot { robot, ledger in
            ledger.add(SandboxFault(kind: kind))
            #expect(await robot.send(markdown: "x", key: "k") == .noAnswer)
            #expect(ledger.calls().count == effects)
        }
    }

    @Test func aSlowAnswerCountsAsNone() async throws {
        try await withRobot(timeout: Self.impatience) { robot, ledger in
            ledger.add(SandboxFault(kind: .slow, delayMilliseconds: Self.neverMilliseconds))
            #expect(await robot.send(markdown: "x", key: "k") == .noAnswer)
        }
    }

    @Test func nobodyListeningMeansNothingWasSent() async throws {
        try await Self.withClient { http in
            // Port 1 is reserved and refuses.
            let robot = GroupRobot(http: http, baseURL: "http://127.0.0.1:1")
            #expect(await robot.send(markdown: "x", key: "k") == .unreachable)
            let nowhere = GroupRobot(http: http, baseURL: "http://does-not-exist.invalid")
            #expect(await nowhere.send(markdown: "x", key: "k") == .unreachable)
        }
    }

    @Test func aWebhookIsSignedOverTimeAndBody() async throws {
        try await RunningSandbox.with(SandboxSettings(webhookSecret: "s3cret")) { sandbox in
            try await Self.withClient { http in
                let webhook = Webhook(http: http, addresses: AddressPolicy(allowsPrivate: true))
                let url = sandbox.baseURL + "/webhook/crm"
                let good = await webhook.send(
                    to: url, alertID: "a1", body: Array(#"{"a":"维权"}"#.utf8), secret: "s3cret", timestamp: 17)
                #expect(good == .response(status: 200, retryAfter: nil, body: Array(#"{"ok":true}"#.utf8)))
                let bad = await webhook.send(to: url, alertID: "a2", body: [], secret: "other", timestamp: 17)
                guard case .response(401, _, _) = bad else {
                    Issue.record("expected 401")
                    return
                }
                let call = try #require(sandbox.ledger.calls().first)
                #expect(call.alertIDs == ["a1"])
                #expect(call.headers["x-timestamp"] == "17")
                #expect(sandbox.ledger.calls().count == 1)
            }
        }
    }

    /// Vector made with `printf '1741572000.{}' | openssl dgst -sha256 -hmac key`.
    @Test func theSignatureIsTheOneOthersCompute() {
        #expect(
            WebhookSignature.value(secret: "key", timestamp: "1741572000", body: Array("{}".utf8))
                == "sha256=1491eb37aa5815a18a5deb833037e5c9605196456df2401efbc74296b3a13b87")
    }

    @Test(arguments: [
        "http://localhost/x", "http://a.localhost/", "http://127.0.0.1:80/", "http://10.1.2.3/", "http://172.16.0.1/",
        "http://192.168.1.1/", "http://169.254.169.254/latest", "http://100.64.0.1/", "http://0.0.0.0/",
        "http://[::1]/",
        "http://[fd00::1]/", "http://[fe80::1]/", "http://[::ffff:10.0.0.1]/", "http://2130706433/", "http://0x7f.1/",
        "http://intranet/", "http://db.internal/", "http://printer.local/", "http://127.0.0.1./",
    ])
    func privateAddressesAreRefusedUnlessAllowed(_ url: String) {
        #expect(!AddressPolicy(allowsPrivate: false).allows(url))
        #expect(AddressPolicy(allowsPrivate: true).allows(url))
    }

    @Test(arguments: [
        "https://crm.example.com/hook", "http://8.8.8.8/", "https://[2606:4700::1111]/", "https://172.32.0.1/",
    ])
    func publicAddressesAreAllowed(_ url: String) {
        #expect(AddressPolicy(allowsPrivate: false).allows(url))
    }

    @Test(arguments: [
        "ftp://example.com/", "file:///etc/passwd", "https://user:pw@example.com/", "", "crm.example.com", "http://",
    ])
    func whatIsNoWebAddressIsNeverAllowed(_ url: String) {
        #expect(!AddressPolicy(allowsPrivate: true).allows(url))
    }
}
