import FleetOperator
import Testing

struct OperatorWatchTests {
    private static let lag = Trouble(id: "alert-notifier.lag", text: "延迟")

    private func text(_ news: [WatchNews]) -> [String] { news.map { "\($0.kind.rawValue) \($0.trouble.id)" } }

    @Test func aTroubleIsToldWhenSeenTwiceAndAgainWhenOver() {
        var state = WatchState(repeatAfter: .seconds(100))
        #expect(state.take([Self.lag], at: 0).isEmpty)
        #expect(state.take([], at: 1_000).isEmpty)
        #expect(state.take([Self.lag], at: 2_000).isEmpty)
        let news = state.take([Self.lag], at: 3_000)
        #expect(text(news) == ["began alert-notifier.lag"])
        state.told(news, at: 3_000)
        #expect(state.take([Self.lag], at: 4_000).isEmpty)
        let later = state.take([Self.lag], at: 103_000)
        #expect(text(later) == ["lasts alert-notifier.lag"])
        state.told(later, at: 103_000)
        let over = state.take([], at: 104_000)
        #expect(text(over) == ["ended alert-notifier.lag"])
        state.told(over, at: 104_000)
        #expect(state.take([], at: 105_000).isEmpty)
    }

    @Test func whatCouldNotBeToldComesAgain() {
        var state = WatchState(looksBeforeTelling: 1)
        #expect(state.take([Self.lag], at: 0).count == 1)
        #expect(state.take([Self.lag], at: 1_000).count == 1)
        // Over before anybody heard of it.
        #expect(state.take([], at: 2_000).isEmpty)
    }

    @Test func aWorkerWithoutAHeartbeatIsDead() {
        let limits = WatchLimits(lagSeconds: 60, lateSeconds: 300)
        #expect(limits.troubles(of: "alert-notifier", []).map(\.id) == ["alert-notifier.dead"])
        #expect(
            limits.troubles(of: [
                ChannelBacklog(channel: "app", open: 3, oldestMilliseconds: 300_001, failed: 1),
                ChannelBacklog(channel: "robot", open: 1, oldestMilliseconds: 300_000, failed: 0),
            ]).map(\.id) == ["channel.app.late", "channel.app.failing"])
    }

    @Test(arguments: [["watch"], ["watch", "--webhook", "https://x"], ["watch", "--once", "--every", "0"]])
    func aWatchThatTellsNobodyIsAWrongCommand(arguments: [String]) async {
        #expect(await Scrm.outcome(of: arguments) == .usage)
    }
}
