import Evidence
import History
import Model
import Tables

@testable import Verify

/// A generator whose numbers a seed decides (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A random run through a fork, with all that a healthy asynchronous pipeline shows: a snapshot, failed and
/// unknown outcomes, acknowledged writes that the fork explains, their phantoms in the topic, replays.
struct GeneratedRun {
    var run = RunFixture(empty: "t")
    var generator: SeededGenerator
    /// The tokens of each row on the surviving history, in order.
    var surviving: [RowID: [Token]] = [:]
    private var now: UInt64 = 1
    private var token: Token = 1_000
    private var lsn: UInt64 = 1_000

    init(seed: UInt64) {
        generator = SeededGenerator(state: seed)
        let count = Int64.random(in: 4...9, using: &generator)
        let rows = (1...count).map { RowID($0) }
        run.add(.run(.init(by: "writer", run: "r", workers: 1, rows: Int(count), rate: 0)), at: now)
        for id in rows {
            surviving[id] = [0]
            run.record(id, value: 0, kind: .snapshotRead)
        }
        for _ in 1...2 { for id in rows { write(id, timeline: 1) } }
        let fork = lsn
        run.forks = ForkKnowledge(ends: [Timeline(1): LSN(rawValue: fork)], mayLose: true)
        for id in rows where Bool.random(using: &generator) { writeBehindFork(id) }
        lsn = fork
        now += 1
        run.add(.fault(.init(switchoverTo: "patroni2")), at: now)
        for _ in 1...2 {
            for id in rows {
                if Int.random(in: 0..<5, using: &generator) == 0 { fail(id) }
                write(id, timeline: 2)
            }
        }
        if Bool.random(using: &generator) { replay() }
        for (id, tokens) in surviving {
            run.source.rows[id] = .init(tokens.last ?? 0, rest: "(x)")
            run.destination.rows[id] = .init(tokens.last ?? 0, rest: "(x)")
        }
        run.countProgress()
    }

    private mutating func next(_ id: RowID) -> (token: Token, previous: Token) {
        token = token.next
        now += 1
        lsn += 100
        return (token, surviving[id]?.last ?? 0)
    }

    mutating func write(_ id: RowID, timeline: UInt32) {
        let (token, previous) = next(id)
        run.attempt(id, token, previous: previous, at: now, timeline: timeline) {
            .ok($0, latency: 1, intendedLatency: 1)
        }
        run.record(id, value: token, lsn: lsn)
        surviving[id, default: []].append(token)
    }

    private mutating func fail(_ id: RowID) {
        let (token, previous) = next(id)
        run.attempt(id, token, previous: previous, at: now) {
            .fail($0, .init(sqlState: "40001", phase: .statement, reason: "conflict"))
        }
    }

    /// A write that the leader of timeline 1 took, and that no standby got.
    private mutating func writeBehindFork(_ id: RowID) {
        let (token, previous) = next(id)
        let isAcknowledged = Bool.random(using: &generator)
        run.attempt(id, token, previous: previous, at: now, timeline: 1) {
            isAcknowledged
                ? .ok($0, latency: 1, intendedLatency: 1)
                : .info($0, .init(sqlState: nil, phase: .commit, reason: "connection lost"))
        }
        if Bool.random(using: &generator) { run.record(id, value: token, lsn: lsn) }
    }

    /// Sends the last events of a partition again.
    private mutating func replay() {
        let events = run.topic.partitions[0]?.events.suffix(3) ?? []
        for event in events { run.record(event.row, value: event.value, lsn: event.lsn.rawValue) }
    }
}
