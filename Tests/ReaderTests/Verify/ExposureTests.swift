import Evidence
import History
import Model
import Testing

@testable import Verify

@Suite("Exposure") struct ExposureTests {
    private static func fault(_ kind: String, _ target: String, timeline: UInt32 = 1) -> HistoryLine.Fault {
        .init(edge: .begin, fault: kind, target: target, leader: "patroni1", timeline: Timeline(timeline))
    }

    @Test func `a fault after the load proves nothing`() {
        var run = RunFixture(fault: nil)
        run.add(.fault(.init(switchoverTo: "patroni2")), at: 60)
        #expect(run.verdict.firstLine == "INCONCLUSIVE: no fault began while the writer wrote")
    }

    @Test func `a fault outside the load is only noted beside one that hit`() {
        var run = RunFixture()
        run.add(.fault(Self.fault("kill", "connect1")), at: 60)
        #expect(run.verdict.status == .pass)
    }

    @Test func `a switchover without a new timeline proves nothing`() {
        let run = RunFixture(
            fault: .init(
                edge: .begin,
                fault: "switchover",
                target: "patroni2",
                leader: "patroni1",
                timeline: Timeline(2)
            )
        )
        #expect(run.verdict.firstLine.contains("the timeline did not change"))
    }

    @Test(arguments: [("kill", "connect1"), ("kill", "sink1"), ("kill", "patroni3"), ("pause", "broker")])
    func `a fault beside the leader needs no new timeline`(kind: String, target: String) {
        #expect(RunFixture(fault: Self.fault(kind, target, timeline: 2)).verdict.status == .pass)
    }

    @Test func `a killed leader needs a new timeline`() {
        let verdict = RunFixture(fault: Self.fault("kill", "patroni1", timeline: 2)).verdict
        #expect(verdict.exitCode == 2)
    }

    @Test func `a fault with nothing acknowledged after it proves nothing`() {
        var run = RunFixture(fault: nil)
        run.attempt(1, 104, previous: 103, at: 51) { _ in nil }
        run.lines.insert(
            HistoryLine(
                .fault(.init(switchoverTo: "patroni2")),
                at: Moment(monotonic: 50 * RunFixture.second, wall: 0)
            ),
            at: run.lines.count - 1
        )
        #expect(run.verdict.firstLine.contains("no acknowledged write follows it"))
    }

    @Test func `stopping the writer is no fault`() {
        var run = RunFixture(fault: nil)
        run.add(.fault(Self.fault("stop", "writer")), at: 60)
        #expect(run.verdict.firstLine.hasSuffix("(no fault was injected)"))
    }
}
