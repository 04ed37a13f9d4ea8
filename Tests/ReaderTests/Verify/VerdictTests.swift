import Evidence
import History
import Model
import Tables
import Testing

@testable import Verify

@Suite("The verdict") struct VerdictTests {
    private static let unanswered = HistoryLine.Unacknowledged(
        sqlState: nil,
        phase: .commit,
        reason: "connection lost"
    )

    @Test func `a run through a switchover in which all arrived passes`() {
        let verdict = RunFixture().verdict
        #expect(
            verdict.firstLine
                == "PASS: 12 acknowledged writes, 4 rows equal, 16 events applied once, "
                + "through switchover patroni2"
        )
        #expect(verdict.exitCode == 0)
        #expect(verdict.checks.allSatisfy { $0.status == .pass })
    }

    @Test func `a control run without a fault passes and says so`() {
        let verdict = RunFixture(fault: nil).verdict
        #expect(verdict.firstLine.hasPrefix("PASS: "))
        #expect(verdict.firstLine.hasSuffix("(no fault was injected)"))
    }

    @Test func `a row never written by a writer holds 0 and is right`() {
        var run = RunFixture()
        run.source.rows[9] = .init(0)
        run.destination.rows[9] = .init(0)
        #expect(run.verdict.status == .pass)
    }

    @Test func `acknowledged writes lost at the source count all tokens above the found value`() {
        var run = RunFixture()
        run.source.rows[1] = .init(run.token(1, 1))
        run.destination.rows[1] = .init(run.token(1, 1))
        let verdict = run.verdict
        #expect(verdict.firstLine.hasPrefix("FAIL: 2 acknowledged writes lost at the source (key 1)"))
        #expect(verdict.exitCode == 1)
    }

    @Test func `a marker on a row does not hide what was lost under it`() {
        var run = RunFixture()
        run.add(.fence(id: 1, token: 999, previous: run.token(1, 2).rawValue), at: 50)
        run.record(1, value: 999)
        run.countProgress()
        run.source.rows[1] = .init(999)
        run.destination.rows[1] = .init(999)
        #expect(run.verdict.check("acknowledged at source")?.count == 1)
        #expect(run.verdict.status == .fail)
    }

    @Test func `an acknowledged write lost at the destination fails`() {
        var run = RunFixture()
        run.destination.rows[3] = .init(run.token(3, 2))
        let verdict = run.verdict
        #expect(verdict.firstLine.contains("1 acknowledged write lost at the destination (key 3)"))
        #expect(verdict.firstLine.contains("1 row behind the source (key 3)"))
        #expect(verdict.failed == ["acknowledged at destination", "source equals destination"])
    }

    @Test func `a row missing in the destination fails`() {
        var run = RunFixture()
        run.source.rows[9] = .init(0)
        #expect(run.verdict.firstLine == "FAIL: 1 row missing in the destination (key 9)")
    }

    @Test func `an extra row in the destination fails`() {
        var run = RunFixture()
        run.destination.rows[9] = .init(0)
        #expect(run.verdict.firstLine == "FAIL: 1 extra row in the destination (key 9)")
    }

    @Test func `a row behind the source fails although its last write was never acknowledged`() {
        var run = RunFixture()
        run.attempt(1, 104, previous: 103, at: 31) { .info($0, Self.unanswered) }
        run.source.rows[1] = .init(104)
        run.record(1, value: 104)
        run.countProgress()
        #expect(run.verdict.firstLine == "FAIL: 1 row behind the source (key 1)")
    }

    @Test func `a row ahead of the source fails`() {
        var run = RunFixture()
        run.attempt(1, 104, previous: 103, at: 31) { .info($0, Self.unanswered) }
        run.destination.rows[1] = .init(104)
        #expect(
            run.verdict.firstLine
                == "FAIL: 1 row ahead of the source (key 1); 1 phantom in the destination (key 1)"
        )
    }

    @Test func `a row whose other columns differ fails`() {
        var run = RunFixture()
        run.source.rows[2] = .init(run.token(2, 3), rest: "(a)")
        run.destination.rows[2] = .init(run.token(2, 3), rest: "(b)")
        #expect(run.verdict.firstLine == "FAIL: 1 row different from the source (key 2)")
    }

    @Test func `a value nobody wrote is foreign`() {
        var run = RunFixture()
        run.destination.rows[2] = .init(777)
        #expect(run.verdict.firstLine.hasPrefix("FAIL: 1 foreign value at the destination (key 2)"))
    }

    @Test func `a change that the stream skipped fails although the end states are equal`() {
        var run = RunFixture()
        var topic = TopicContent(topic: run.topic.topic)
        for (number, partition) in run.topic.partitions {
            var offset: Int64 = 0
            for var event in partition.events where event.value != run.token(2, 2) {
                event.offset = offset
                topic.append(event, to: number)
                offset += 1
            }
        }
        run.topic = topic
        run.countProgress()
        #expect(run.verdict.firstLine == "FAIL: 1 change skipped by the stream (key 2)")
    }

    @Test func `what the snapshot folded is not skipped`() {
        var run = RunFixture()
        run.attempt(5, 501, previous: 0, at: 31) { .ok($0, latency: 1, intendedLatency: 1) }
        run.attempt(5, 502, previous: 501, at: 32) { .ok($0, latency: 1, intendedLatency: 1) }
        run.record(5, value: 502, kind: .snapshotRead)
        run.countProgress()
        run.source.rows[5] = .init(502)
        run.destination.rows[5] = .init(502)
        #expect(run.verdict.status == .pass)
    }

    /// Row 5 is written in front of a gap of the log, in it, and after it.
    private func verdict(next: UInt64, isFilled: Bool = true) -> Verdict {
        var run = RunFixture()
        for round in Int64(1)...3 {
            run.attempt(5, Token(500 + round), previous: Token(499 + round), at: 31) {
                .ok($0, latency: 1, intendedLatency: 1)
            }
        }
        if isFilled {
            let act = HistoryLine.GuardAct(
                connector: "c",
                action: .snapshot,
                reason: "",
                from: "0/1000",
                to: "0/2000"
            )
            run.add(.guardAct(act), at: 33)
        }
        run.record(5, value: 501, lsn: 0x0F00)
        run.record(5, value: 503, lsn: next)
        run.countProgress()
        run.source.rows[5] = .init(503)
        run.destination.rows[5] = .init(503)
        return run.verdict
    }

    @Test func `what a snapshot filled is not skipped, also where the stream has a newer event of the row`() {
        #expect(verdict(next: 0x2000).status == .pass)
        #expect(verdict(next: 0x2400).status == .pass)
        // The next event is in front of where the stream went on: it should have had the one before.
        #expect(verdict(next: 0x1F00).status == .fail)
        #expect(verdict(next: 0x2400, isFilled: false).status == .fail)
    }

    @Test func `what the stream has of before a snapshot that ran under load is a note, not a failure`() {
        var run = RunFixture()
        for round in Int64(1)...3 {
            run.attempt(5, Token(500 + round), previous: Token(499 + round), at: 31) {
                .ok($0, latency: 1, intendedLatency: 1)
            }
        }
        // The snapshot reads what the third write left; the slot is older, and the stream has all three.
        run.record(5, value: 503, kind: .snapshotRead)
        for round in Int64(1)...3 { run.record(5, value: Token(500 + round)) }
        run.countProgress()
        run.source.rows[5] = .init(503)
        run.destination.rows[5] = .init(503)
        let verdict = run.verdict
        #expect(verdict.status == .pass, "\(verdict.firstLine)")
        #expect(verdict.check("regressions")?.notes.count == 1)
    }

    @Test func `what an earlier run left in the topic is not foreign`() {
        var run = RunFixture()
        // A dead branch's value, above the one that this run found in the row.
        run.record(1, value: 150, producedAt: 900)
        run.countProgress()
        #expect(run.verdict.status == .pass, "\(run.verdict.firstLine)")
        run.record(1, value: 151, producedAt: 35_000)
        run.countProgress()
        #expect(run.verdict.failed == ["foreign tokens"])
    }

    @Test func `a replay in the topic is a note, not a failure`() {
        var run = RunFixture()
        for round in Int64(2)...3 { run.record(1, value: run.token(1, round)) }
        run.countProgress()
        let verdict = run.verdict
        #expect(verdict.status == .pass)
        #expect(verdict.check("duplicates")?.notes.count == 1)
        #expect(verdict.check("regressions")?.notes.count == 1)
    }

    @Test func `events applied twice fail`() {
        var run = RunFixture()
        run.progress[0]?.events += 3
        #expect(run.verdict.firstLine == "FAIL: 3 events applied twice")
    }

    @Test func `a failed write in the destination is a phantom`() {
        var run = RunFixture()
        run.attempt(1, 104, previous: 103, at: 31) {
            .fail($0, .init(sqlState: "57P01", phase: .statement, reason: "shutdown"))
        }
        run.destination.rows[1] = .init(104)
        #expect(run.verdict.firstLine.contains("1 phantom in the destination (key 1)"))
    }

    @Test func `a failed write that is only in the topic is a note`() {
        var run = RunFixture()
        run.attempt(1, 104, previous: 103, at: 31) {
            .fail($0, .init(sqlState: "57P01", phase: .statement, reason: "shutdown"))
        }
        run.record(1, value: 104)
        run.countProgress()
        #expect(run.verdict.check("phantoms")?.status == .pass)
        #expect(run.verdict.check("phantoms")?.notes.isEmpty == false)
    }

    @Test func `an unknown outcome of a row that is gone stays unsettled`() {
        var run = RunFixture()
        run.attempt(9, 901, previous: 0, at: 31) { .info($0, Self.unanswered) }
        let verdict = run.verdict
        #expect(verdict.firstLine == "INCONCLUSIVE: 1 unknown outcome is not settled (key 9)")
        #expect(verdict.exitCode == 2)
    }

    @Test func `an invoke without an outcome is settled by what the row holds`() {
        var run = RunFixture()
        run.attempt(1, 104, previous: 103, at: 31) { _ in nil }
        let verdict = run.verdict
        #expect(verdict.status == .pass)
        #expect(verdict.check("unknown outcomes settled")?.count == 1)
    }

    @Test func `a divergence of the row that the marker healed is found`() {
        var run = RunFixture()
        run.fence.rows = [
            FencedRow(row: 1, partition: 1, token: 999, destinationBefore: 7, nextOffsetBefore: 8)
        ]
        #expect(run.verdict.firstLine.contains("1 row behind the source (key 1)"))
    }

    @Test func `a fence that never came is inconclusive`() {
        var run = RunFixture()
        run.fence.outcome = .stuckInApply(["partition 0: applied up to offset 3, marker at 9"])
        run.destination.rows[1] = nil
        let verdict = run.verdict
        #expect(verdict.exitCode == 2)
        #expect(verdict.firstLine.hasPrefix("INCONCLUSIVE: stuck in apply"))
    }

    @Test func `what was lost at the source fails also without a fence`() {
        var run = RunFixture()
        run.fence.outcome = .stuckInCapture(partitions: [0])
        run.source.rows[1] = .init(0)
        #expect(run.verdict.firstLine.hasPrefix("FAIL: 3 acknowledged writes lost at the source (key 1)"))
        #expect(run.verdict.failed == ["acknowledged at source", "fork arithmetic"])
    }

    @Test func `a source that is still written to is inconclusive`() {
        var run = RunFixture()
        run.fence.sourceMoved = true
        // A write that was acknowledged after the history was read.
        run.source.rows[1] = .init(888)
        #expect(run.verdict.firstLine.hasPrefix("INCONCLUSIVE: the source was written to"))
    }
}
