import History
import Model
import Testing

@testable import Writer

@Suite struct OutagePhasesTests {
    static let second: UInt64 = 1_000_000_000

    /// An outage from second 100 to second 110 of both clocks.
    static func outage(from old: UInt32, to new: UInt32?) -> Outage {
        func session(_ timeline: UInt32, _ node: String) -> HistoryLine.Session {
            .init(node: node, backendProcessID: 1, timeline: Timeline(timeline))
        }
        return Outage(
            began: Moment(monotonic: 100 * second, wall: 100_000_000),
            length: 10 * second,
            failures: Failures(),
            before: session(old, "a:1"),
            after: new.map { session($0, $0 == old ? "a:1" : "b:1") }
        )
    }

    static func log(_ routed: (UInt64, [String])..., promoted: Int64? = nil) -> ClusterLog {
        var log = ClusterLog()
        log.names = ["a:1": "a", "b:1": "b"]
        for (moment, servers) in routed { log.saw(routed: servers, at: moment * second / 10) }
        if let promoted { log.promotions = [Timeline(1): promoted * 100_000] }
        return log
    }

    @Test func `the four parts of a failover add up to it`() {
        var log = Self.log((990, ["a"]), (1_040, []), (1_085, ["b"]), promoted: 1_060)
        _ = log.saw(leader: "a", timeline: 1, at: 99 * Self.second)
        _ = log.saw(leader: nil, timeline: nil, at: 105 * Self.second)
        let phases = OutagePhases(of: Self.outage(from: 1, to: 2), seen: log)
        #expect(phases.detect == 5 * Self.second)
        #expect(phases.elect == Self.second)
        #expect(phases.route == 2_500_000_000)
        #expect(phases.connect == 1_500_000_000)
    }

    @Test func `a promotion that Patroni's history does not date is when the timeline was seen`() {
        var log = Self.log((990, ["a"]), (1_085, ["b"]))
        _ = log.saw(leader: "a", timeline: 1, at: 99 * Self.second)
        _ = log.saw(leader: "b", timeline: 1, at: 104 * Self.second)
        _ = log.saw(leader: "b", timeline: 2, at: 107 * Self.second)
        let phases = OutagePhases(of: Self.outage(from: 1, to: 2), seen: log)
        #expect(phases.detect == 4 * Self.second)
        #expect(phases.elect == 3 * Self.second)
    }

    @Test func `a proxy that was away for a while is a way and a connect only`() {
        let log = Self.log((990, ["a"]), (1_010, []), (1_080, ["a"]))
        let phases = OutagePhases(of: Self.outage(from: 1, to: 1), seen: log)
        #expect(phases.detect == nil && phases.elect == nil)
        #expect(phases.route == 8 * Self.second)
        #expect(phases.connect == 2 * Self.second)
    }

    @Test func `what nobody saw is not split`() {
        let nothing = OutagePhases(of: Self.outage(from: 1, to: 1), seen: ClusterLog())
        #expect(nothing.route == nil && nothing.connect == nil)
        let steady = OutagePhases(of: Self.outage(from: 1, to: 1), seen: Self.log((990, ["a"])))
        #expect(steady.route == nil)
        let lasting = OutagePhases(of: Self.outage(from: 1, to: nil), seen: Self.log((990, ["a"])))
        #expect(lasting.detect == nil)
    }

    @Test func `the times of Patroni's history are read`() {
        #expect(ClusterObserver.microseconds("2026-01-01T00:01:01.500000+00:00") == 1_767_225_661_500_000)
        #expect(ClusterObserver.microseconds("2026-01-01T00:01:01+00:00") == 1_767_225_661_000_000)
        #expect(ClusterObserver.microseconds("yesterday") == nil)
    }
}
