import Cluster
import Evidence
import Foundation
import History
import Model
import Tables
import Testing

@testable import Slots
@testable import Verify

@Suite("Named checks") struct NamedChecksTests {
    /// The fixture, with one more write of timeline 1 that its fork (LSN 5,000) lost.
    private func forked(lsn: UInt64?, isAcknowledged: Bool = true) -> RunFixture {
        var run = RunFixture()
        let begin = run.lines.firstIndex { if case .fault = $0.event { true } else { false } }
        let tail = run.lines.suffix(from: begin ?? 0)
        run.lines.removeSubrange((begin ?? 0)...)
        run.attempt(5, 501, previous: 0, at: 11, timeline: 1) {
            isAcknowledged
                ? .ok($0, latency: 1, intendedLatency: 1)
                : .info($0, .init(sqlState: nil, phase: .commit, reason: "connection lost"))
        }
        run.lines += tail
        if let lsn { run.record(5, value: 501, lsn: lsn) }
        run.source.rows[5] = .init(0)
        run.destination.rows[5] = .init(0)
        run.countProgress()
        return run
    }

    @Test func `a lost write that the fork explains fails, unless the cluster is asynchronous`() {
        var run = forked(lsn: 6_000)
        #expect(run.verdict.failed == ["acknowledged at source", "acknowledged at destination"])
        run.forks.mayLose = true
        #expect(run.verdict.status == .pass)
        #expect(run.verdict.firstLine.contains(", 1 acknowledged writes lost to a fork, through switchover"))
        let line = run.verdict.check("fork arithmetic")?.notes.first ?? ""
        #expect(line.hasPrefix("timeline 1 ended at 0/1388: 1 acknowledged writes lost, 1 events"), "\(line)")
        #expect(line.contains("1,000 bytes beyond the fork"))
    }

    @Test func `the offset at the restart is told exactly, with what was skipped because of it`() {
        var run = forked(lsn: 6_000)
        run.forks.mayLose = true
        run.produceAll(at: 30_000)
        run.add(
            .restart(connector: "c", reason: "FAILED", stored: "0/1B58", timeline: Timeline(2)),
            at: 25
        )
        #expect(run.evidence.topic.highestLSN == LSN(rawValue: 6_000))
        var evidence = run.evidence
        // The stream skips the first write of row 2 on the new timeline; the next one hides that.
        let number = run.partition(of: 2)
        evidence.topic.partitions[number]?.events.removeAll { $0.row == 2 && $0.value == 202 }
        let verdict = Verdict(evidence)
        let branch = verdict.facts.forks.branches.first
        #expect(branch?.storedAtRestart == LSN(rawValue: 7_000))
        #expect(branch?.skipped == 1)
        #expect(verdict.failed.contains("stream complete"))
        let line = verdict.check("fork arithmetic")?.notes.first ?? ""
        #expect(line.contains("Debezium was started again at 0/1B58, 2,000 bytes beyond the fork"), "\(line)")
        #expect(line.contains("1 acknowledged writes after the fork were skipped"), "\(line)")
    }

    @Test func `a restart after the new timeline was streamed says nothing about the fork`() {
        var run = forked(lsn: 6_000)
        run.produceAll(at: 30_000)
        run.record(1, value: run.token(1, 2), producedAt: 22_000)
        run.add(
            .restart(connector: "c", reason: "FAILED", stored: "0/FFFF", timeline: Timeline(2)),
            at: 25
        )
        let branch = run.verdict.facts.forks.branches.first
        #expect(branch?.storedAtRestart == nil)
        #expect(branch?.readUpTo == LSN(rawValue: 6_000))
    }

    @Test func `a loss on a timeline that never ended is explained by no fork`() {
        var run = forked(lsn: 6_000)
        run.forks = ForkKnowledge(ends: [:], mayLose: true)
        #expect(run.verdict.failed.contains("fork arithmetic"))
        #expect(run.verdict.firstLine.contains("1 loss that no fork explains (key 5)"))
    }

    @Test func `a loss that a survivor of its timeline follows is explained by no fork`() {
        var run = forked(lsn: nil)
        run.forks.mayLose = true
        #expect(run.verdict.status == .pass)
        run.attempt(6, 601, previous: 0, at: 15, timeline: 1) { .ok($0, latency: 1, intendedLatency: 1) }
        run.record(6, value: 601)
        run.countProgress()
        run.source.rows[6] = .init(601)
        run.destination.rows[6] = .init(601)
        #expect(run.verdict.failed.contains("fork arithmetic"))
    }

    @Test func `where nobody tells the forks a loss can't be explained`() {
        var run = forked(lsn: 6_000, isAcknowledged: false)
        run.forks = ForkKnowledge()
        #expect(run.verdict.check("fork arithmetic")?.status == .unknown)
        #expect(run.verdict.status == .unknown)
    }

    @Test func `a history that lacks the last fork tells nothing yet`() throws {
        var run = forked(lsn: 6_000, isAcknowledged: false)
        let first = try JSONDecoder().decode(
            [TimelineFork].self,
            from: Data(#"[[1, 5000, "failover"]]"#.utf8)
        )
        run.forks = ForkKnowledge(timeline: Timeline(3))
        let isEnough = run.forks.learn(first)
        #expect(!isEnough)
        #expect(run.verdict.check("fork arithmetic")?.status == .unknown)
        run.forks = ForkKnowledge(timeline: Timeline(2))
        let isComplete = run.forks.learn(first)
        #expect(isComplete)
        #expect(run.verdict.check("fork arithmetic")?.status == .pass)
    }

    @Test func `a change skipped after a fork names the fork and how far Debezium had read`() {
        var run = forked(lsn: 6_000, isAcknowledged: false)
        run.attempt(5, 502, previous: 0, at: 31) { .ok($0, latency: 1, intendedLatency: 1) }
        run.source.rows[5] = .init(502)
        run.forks.storedOffset = LSN(rawValue: 7_000)
        let check = run.verdict.check("stream complete")
        #expect(
            check?.examples == [
                "key 5: 502 is not in the topic: Debezium had read to 0/1770 on the dead timeline 1, "
                    + "which forked at 0/1388"
            ]
        )
        let notes = run.verdict.check("fork arithmetic")?.notes ?? []
        #expect(notes.first?.hasSuffix("its stored offset is 0/1B58 now") == true, "\(notes)")
    }

    @Test func `a lost write that a later one hides is lost nevertheless`() {
        var run = RunFixture()
        run.attempt(1, 110, previous: 102, at: 33) { .ok($0, latency: 1, intendedLatency: 1) }
        run.record(1, value: 110)
        run.countProgress()
        run.source.rows[1] = .init(110)
        run.destination.rows[1] = .init(110)
        #expect(run.verdict.failed.contains("acknowledged at source"))
        let found = run.verdict.check("acknowledged at source")?.anomalies.first
        #expect(found?.token == 103)
        #expect(found?.text.hasSuffix("103, which a later write did not find") == true)
    }

    @Test func `a change that comes first after a later one is out of order`() {
        var run = RunFixture()
        run.attempt(1, 104, previous: 103, at: 33) { .ok($0, latency: 1, intendedLatency: 1) }
        run.attempt(1, 105, previous: 104, at: 34) { .ok($0, latency: 1, intendedLatency: 1) }
        run.record(1, value: 105)
        run.record(1, value: 104)
        run.countProgress()
        #expect(run.verdict.failed.contains("regressions"))
    }

    @Test func `a settled write that a later one found is resurrected`() {
        var run = RunFixture()
        run.attempt(1, 104, previous: 103, at: 33) {
            .fail($0, .init(sqlState: "57P01", phase: .statement, reason: "shutdown"))
        }
        run.attempt(1, 105, previous: 104, at: 34) { .ok($0, latency: 1, intendedLatency: 1) }
        run.record(1, value: 105)
        run.countProgress()
        run.source.rows[1] = .init(105)
        run.destination.rows[1] = .init(105)
        #expect(run.verdict.failed == ["resurrected tokens"])
    }

    @Test func `a slot that lost its log or is gone fails, a standby's that is not ready is noted`() {
        let standby = SlotState(
            name: "patroni3",
            isLogical: false,
            isActive: true,
            walStatus: "reserved",
            hasCatalogXmin: false
        )
        var logical = standby
        (logical.name, logical.isLogical) = ("source_slot", true)
        var run = RunFixture()
        run.slots = [standby, logical]
        #expect(run.verdict.status == .pass)
        #expect(run.verdict.check("slot readiness")?.notes.last?.hasPrefix("not ready on patroni3") == true)
        run.slots = [standby]
        #expect(run.verdict.firstLine == "FAIL: the leader has no logical slot")
        logical.walStatus = "lost"
        run.slots = [standby, logical]
        #expect(run.verdict.failed == ["slot readiness"])
    }

    @Test func `a recovery is judged by its budget, and inconclusive where nobody measured it`() {
        var run = RunFixture()
        run.budgets.write = 12 * RunFixture.second
        #expect(run.verdict.status == .pass)
        run.budgets.write = 10 * RunFixture.second
        #expect(run.verdict.failed == ["liveness"])
        run.budgets = Budgets(endToEnd: 60 * RunFixture.second)
        #expect(run.verdict.check("liveness")?.status == .unknown)
        run.budgets = Budgets(capture: 5 * RunFixture.second)
        for time in [19_000, 26_000] as [Int64] {
            run.record(1, value: run.token(1, 3), producedAt: time)
        }
        run.countProgress()
        #expect(run.verdict.failed == ["liveness"])
        #expect(run.verdict.firstLine.contains("capture took 7"), "\(run.verdict.firstLine)")
    }
}
