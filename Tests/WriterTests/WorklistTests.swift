import History
import Model
import Postgres
import Testing

@testable import Writer

private let second: UInt64 = 1_000_000_000
private let start = 100 * second
private let session = HistoryLine.Session(node: "a:1", backendProcessID: 9, timeline: Timeline(2))

/// The moment that is so many nanoseconds after the begin of the run.
private func at(_ nanoseconds: UInt64) -> Moment { Moment(monotonic: start + nanoseconds, wall: 0) }

/// A worker's list, and the attempts that are made of it, without a server.
private struct Bench {
    let workload: Workload
    var list: Worklist
    var token: Int64 = 900

    init(
        _ workload: Workload = .update,
        rows: [Row] = [Row(id: 5, value: 50)],
        rate: Int? = nil,
        backlog: BacklogPolicy = .queue,
        hotKeyCount: Int? = nil
    ) {
        self.workload = workload
        list = Worklist(
            workload,
            rows: rows,
            schedule: Schedule(rate: rate, start: start, worker: 0, workerCount: 1, backlog: backlog),
            hotKeyCount: hotKeyCount,
            generator: SeededGenerator(seed: 1, stream: 0)
        )
    }

    /// The write that the list names, or a failed expectation.
    mutating func write(at now: UInt64 = 0) throws -> Worklist.Write {
        let step = list.next(.work, at: at(now))
        guard case .attempt(let write) = step else { throw Unexpected(step: step) }
        return write
    }

    /// Makes an attempt that ends like this.
    ///
    /// - Returns: what was planned.
    @discardableResult
    mutating func attempt(_ write: Worklist.Write, _ end: AttemptEnd, in phase: Phase = .commit)
        -> AttemptPlan
    {
        token += 1
        let plan = AttemptPlan(write.shape, of: workload, rows: list.rows, worker: 0, token: Token(token))
        let judgement = Judgement(of: end, in: phase)
        if judgement.outcome == .ok {
            list.acknowledged(write, token: plan.attempt.name.token)
        } else {
            list.failed(write, plan.attempt, judgement, on: session)
        }
        return plan
    }

    struct Unexpected: Error { var step: Worklist.Step }
}

private let committed = AttemptEnd.answered(tag: "COMMIT")
private let lost = AttemptEnd.failed(PostgresError(code: .connectionLost, message: "gone", server: "a"))
private let deadlock = AttemptEnd.failed(
    PostgresError(code: .server, sqlState: "40P01", message: "deadlock", server: "a")
)

struct WorklistTests {
    @Test func `an acknowledged write is what the next one of its row expects`() throws {
        var bench = Bench()
        let first = bench.attempt(try bench.write(), committed)
        #expect(first.attempt.previous == 50)
        #expect(bench.list.rows == [Row(id: 5, value: 901)])
        #expect(bench.attempt(try bench.write(), committed).attempt.previous == 901)
    }

    @Test func `an open loop waits for the next write, and begins it when it was due`() throws {
        var bench = Bench(rate: 10)
        bench.attempt(try bench.write(), committed)
        #expect(bench.list.next(.work, at: at(1)) == .sleep(until: start + second / 10))
        #expect(bench.list.next(.work, at: at(2)) == .sleep(until: start + second / 10))
        #expect(try bench.write(at: second / 5).intended == start + second / 10)
    }

    @Test func `a write that did not happen is made again with the moment that it was meant for`() throws {
        var bench = Bench(rate: 10)
        let write = try bench.write()
        bench.attempt(write, deadlock, in: .statement)
        #expect(bench.list.doubts.isEmpty && bench.list.rows == [Row(id: 5, value: 50)])
        #expect(try bench.write(at: second).intended == write.intended)
    }

    @Test func `a write that is too late to be tried again is given up where the backlog is dropped`() throws
    {
        var bench = Bench(rate: 1, backlog: .drop)
        bench.attempt(try bench.write(), deadlock, in: .statement)
        #expect(try bench.write(at: 5 * second).intended > start)
        #expect(bench.list.leftovers(at: at(5 * second)).missedCount > 0)
    }

    @Test func `a row of unknown outcome is read before it is written again`() throws {
        var bench = Bench()
        bench.attempt(try bench.write(), lost)
        #expect(bench.list.rows[0].isInDoubt && bench.list.doubts.map(\.isOpen) == [true])
        #expect(bench.list.next(.work, at: at(0)) == .settle)
        // It is still locked: nothing was concluded.
        bench.list.endSettling(at: start)
        #expect(bench.list.next(.work, at: at(0)) == .pause)
        #expect(bench.list.next(.work, at: at(Worklist.settlingPause)) == .settle)
    }

    @Test func `the other rows are written meanwhile`() throws {
        var bench = Bench(rows: [Row(id: 5, value: 50), Row(id: 6, value: 60)])
        let doubtful = try bench.write()
        bench.attempt(doubtful, lost)
        bench.list.endSettling(at: start)
        for _ in 0..<20 {
            let write = try bench.write()
            #expect(write.shape.place != doubtful.shape.place)
            bench.attempt(write, committed)
        }
    }

    @Test func `a transfer needs two rows that are not in doubt`() throws {
        var bench = Bench(.transfer, rows: (1...3).map { Row(id: $0, value: 0) })
        let write = try bench.write()
        #expect(write.shape.other != nil && write.shape.other != write.shape.place)
        bench.attempt(write, lost)
        bench.list.endSettling(at: start)
        #expect(bench.list.next(.work, at: at(0)) == .pause)
    }

    @Test func `a write that turned out to have happened is what its row holds, and is not made again`()
        throws
    {
        var bench = Bench()
        let plan = bench.attempt(try bench.write(), lost)
        let conclusion = bench.list.conclude(try #require(bench.list.doubts.first), found: [5: 901])
        #expect(conclusion == .init(settlement: .init(didHappen: true, surprises: []), value: 901))
        #expect(plan.attempt.name.token == Token(901) && bench.list.rows == [Row(id: 5, value: 901)])
        #expect(bench.list.doubts.isEmpty && bench.list.undone.isEmpty)
        #expect(try bench.write().undone == nil)
    }

    @Test func `a write that turned out not to have happened is made again, before any new one`() throws {
        var bench = Bench(rate: 10)
        let write = try bench.write()
        bench.attempt(write, lost)
        let conclusion = bench.list.conclude(try #require(bench.list.doubts.first), found: [5: 50])
        #expect(conclusion.settlement.didHappen == false && conclusion.missing == nil)
        let again = try bench.write(at: second)
        #expect(again == .init(shape: write.shape, intended: write.intended, undone: 0))
        // As often as it takes.
        bench.attempt(again, deadlock, in: .statement)
        #expect(try bench.write(at: second) == again)
        bench.attempt(again, committed)
        #expect(bench.list.undone.isEmpty)
        #expect(try bench.write(at: second).undone == nil)
    }

    @Test func `a write that is made again and gets lost again is in doubt once`() throws {
        var bench = Bench()
        bench.attempt(try bench.write(), lost)
        _ = bench.list.conclude(try #require(bench.list.doubts.first), found: [5: 50])
        bench.attempt(try bench.write(), lost)
        #expect(bench.list.undone.isEmpty && bench.list.doubts.count == 1)
    }

    @Test func `a row that another one has written is read, and gone on from`() throws {
        var bench = Bench()
        bench.attempt(try bench.write(), .untouched, in: .statement)
        #expect(bench.list.doubts.map(\.isOpen) == [false])
        let conclusion = bench.list.conclude(try #require(bench.list.doubts.first), found: [5: 77])
        #expect(conclusion.settlement.didHappen == nil)
        #expect(conclusion.settlement.surprises == [.init(id: 5, found: 77, expected: 50)])
        #expect(bench.attempt(try bench.write(), committed).attempt.previous == 77)
    }

    @Test func `a row that is gone ends the run, but where rows are deleted`() throws {
        var bench = Bench()
        bench.attempt(try bench.write(), .untouched, in: .statement)
        #expect(bench.list.conclude(try #require(bench.list.doubts.first), found: [:]).missing == 5)

        var mixed = Bench(.mixed)
        mixed.attempt(
            .init(shape: Shape(operation: .update, place: 0), intended: start),
            lost
        )
        let conclusion = mixed.list.conclude(try #require(mixed.list.doubts.first), found: [:])
        #expect(conclusion.missing == nil && mixed.list.rows == [Row(id: 5, value: nil)])
        // An update of no row makes no sense: the place waits for an insert.
        #expect(mixed.list.undone.isEmpty)
        #expect(try mixed.write().shape.operation == .insert)
    }

    @Test func `a doubt of a later timeline is not settled by a former leader`() throws {
        var bench = Bench()
        bench.attempt(try bench.write(), lost)
        let doubt = try #require(bench.list.doubts.first)
        for (timeline, isRight) in [(UInt32(1), false), (2, true), (3, true)] {
            let server = HistoryLine.Session(node: "b:1", backendProcessID: 1, timeline: Timeline(timeline))
            #expect(doubt.canBeSettled(on: server) == isRight)
        }
    }

    @Test func `a request to end settles what is open, for a minute at most`() throws {
        var bench = Bench()
        #expect(bench.list.next(.drain, at: at(0)) == .end)
        var open = Bench()
        open.attempt(try open.write(), lost)
        #expect(open.list.next(.drain, at: at(0)) == .settle)
        open.list.endSettling(at: start)
        #expect(open.list.next(.drain, at: at(1)) == .pause)
        #expect(open.list.next(.drain, at: at(Worklist.drainLimit)) == .settle)
        #expect(open.list.next(.drain, at: at(Worklist.drainLimit + 1)) == .end)
        let left = open.list.leftovers(at: at(Worklist.drainLimit + 1))
        #expect(left.openInfoCount == 1 && left.end.monotonic == start)
    }

    @Test func `what did not happen is made again while draining, and no new write is begun`() throws {
        var bench = Bench()
        bench.attempt(try bench.write(), lost)
        _ = bench.list.conclude(try #require(bench.list.doubts.first), found: [5: 50])
        guard case .attempt(let write) = bench.list.next(.drain, at: at(0)) else {
            Issue.record("it is not made again")
            return
        }
        bench.attempt(write, committed)
        #expect(bench.list.next(.drain, at: at(0)) == .end)
    }

    @Test func `an end at once leaves everything open`() throws {
        var bench = Bench()
        bench.attempt(try bench.write(), lost)
        #expect(bench.list.next(.abort, at: at(0)) == .end)
    }

    @Test func `a write that was due and is not done is left over, one that became due just now is not`()
        throws
    {
        var bench = Bench(rate: 1)
        bench.attempt(try bench.write(), deadlock, in: .statement)
        #expect(bench.list.next(.drain, at: at(second / 2)) == .end)
        #expect(bench.list.leftovers(at: at(second)).backlogCount == 1)
        var late = Bench(rate: 1)
        late.attempt(try late.write(), deadlock, in: .statement)
        #expect(late.list.next(.drain, at: at(second / 20)) == .end)
        #expect(late.list.leftovers(at: at(second)).backlogCount == 0)
    }

    @Test func `hot rows get nine of ten writes`() throws {
        var bench = Bench(rows: (0..<100).map { Row(id: $0, value: 0) }, hotKeyCount: 10)
        var hot = 0
        for _ in 0..<2_000 {
            let write = try bench.write()
            if write.shape.place < 10 { hot += 1 }
            bench.attempt(write, committed)
        }
        // Nine of ten, and a tenth of the rest; the choice is the same each time.
        #expect((1_750...1_880).contains(hot))
    }
}
