import Evidence
import Histogram
import History
import Model
import Testing

@testable import Writer

@Suite struct HistoryReplayTests {
    static let session = HistoryLine.Session(node: "a:1", backendProcessID: 9, timeline: Timeline(1))

    private func name(_ token: Int64) -> HistoryLine.AttemptName {
        .init(worker: 0, id: 1, token: Token(token))
    }

    private func replay(_ events: HistoryLine.Event...) -> HistoryReplay {
        var replay = HistoryReplay(keepsAll: false)
        for (index, event) in events.enumerated() {
            let moment = Moment(monotonic: UInt64(index) * 100_000_000, wall: Int64(index) * 100_000)
            replay.replay(HistoryLine(event, at: moment))
        }
        return replay
    }

    @Test func `a history replays to the account of its run`() {
        let lost = HistoryLine.Unacknowledged(
            sqlState: nil,
            phase: .commit,
            reason: "gone",
            cause: "connection-lost"
        )
        let refused = HistoryLine.Unacknowledged(sqlState: "40001", phase: .statement, reason: "no")
        let replay = replay(
            .run(.init(by: "writer", run: "r", workers: 1, rows: 1, rate: 100)),
            .disconnect(worker: 0, sqlState: nil, reason: "refused", cause: "unreachable"),
            .connect(worker: 0, Self.session),
            .invoke(.init(name: name(10), previous: 0), Self.session),
            .ok(name(10), latency: 500, intendedLatency: 700),
            .invoke(.init(name: name(11), previous: 10), Self.session),
            .fail(name(11), refused),
            .invoke(.init(name: name(12), previous: 10), Self.session),
            .info(name(12), lost),
            .disconnect(worker: 0, sqlState: nil, reason: "gone", cause: "connection-lost"),
            .connect(worker: 0, Self.session),
            .settled(name(12), didHappen: true, value: 12, Self.session),
            .end(by: "writer", run: "r")
        )
        var expected = Account.Counts()
        (expected.ok, expected.fail, expected.info, expected.settledOk) = (1, 1, 1, 1)
        (expected.connected, expected.connectFailed) = (2, 1)
        #expect(replay.account.counts == expected)
        #expect(replay.account.causes == ["unreachable": 1, "40001": 1, "connection-lost": 1])
        #expect((700...707).contains(replay.account.latencies.intended.maximum))
        #expect(replay.open.isEmpty)
        #expect(replay.length == 800_000_000)
    }

    @Test func `an attempt without an outcome, and one whose outcome stays unknown, are open`() {
        let lost = HistoryLine.Unacknowledged(sqlState: "57P01", phase: .commit, reason: "gone")
        let replay = replay(
            .run(.init(by: "writer", run: "r", workers: 1, rows: 1, rate: 100)),
            .invoke(.init(name: name(10), previous: 0), Self.session),
            .info(name(10), lost),
            .invoke(.init(name: name(11), previous: 0), Self.session)
        )
        #expect(replay.open.map(\.attempt.token) == [10, 11])
        #expect(replay.open.map(\.attempt.failure) == ["57P01 in commit: gone", nil])
    }

    @Test func `the time between two runs is no outage`() {
        var replay = HistoryReplay(keepsAll: false)
        for (run, second) in [(1, 0), (2, 1_000)] as [(Int64, UInt64)] {
            let events: [HistoryLine.Event] = [
                .run(.init(by: "writer", run: "r", workers: 1, rows: 1, rate: 100)),
                .invoke(.init(name: name(run), previous: 0), Self.session),
                .ok(name(run), latency: 1, intendedLatency: 1),
            ]
            for event in events {
                replay.replay(
                    HistoryLine(event, at: Moment(monotonic: second * 1_000_000_000, wall: 0))
                )
            }
        }
        #expect(replay.runs.count == 2)
        #expect(replay.account.outages.isEmpty)
        #expect(replay.ongoing == nil)
    }
}
