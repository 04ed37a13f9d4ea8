import History
import Model

@testable import Evidence
@testable import Slots
@testable import Tables
@testable import Verify

/// A small run that is right in every way; tests break one thing of it.
///
/// Rows 1...4 in two partitions; each is read by the snapshot with value 0, then written three times:
/// tokens 101, 102, 103 for row 1, 201, 202, 203 for row 2, and so on. A switchover lies in the middle.
struct RunFixture {
    var lines: [HistoryLine] = []
    var topic = TopicContent(topic: "source.public.debezium_table")
    var source = TableContent()
    var destination = TableContent()
    var progress: [Int32: SinkProgress] = [:]
    var fence = FenceEvidence(outcome: .passed(partitionCount: 2))
    var forks = ForkKnowledge(ends: [Timeline(1): LSN(rawValue: 5_000)])
    var slots: [SlotState]?
    var standbys: [String: StandbyLook] = [:]
    var serverLog: ServerLog?
    var budgets = Budgets()

    static let rows: [RowID] = [1, 2, 3, 4]
    static let second: UInt64 = 1_000_000_000

    /// Nothing happened yet.
    init(empty topic: String) {
        self.topic = TopicContent(topic: topic)
    }

    init(fault: HistoryLine.Fault? = .init(switchoverTo: "patroni2")) {
        add(.run(.init(by: "writer", run: "r1", workers: 1, rows: 4, rate: 0)), at: 1)
        for id in Self.rows { record(id, value: 0, kind: .snapshotRead) }
        write(round: 1, at: 10, timeline: 1)
        if let fault { add(.fault(fault), at: 20) }
        write(round: 2, at: 21, timeline: 2)
        if let fault {
            var end = fault
            end.edge = .end
            add(.fault(end), at: 29)
        }
        write(round: 3, at: 30, timeline: 2)
        add(.end(by: "writer", run: "r1"), at: 40)
        for id in Self.rows {
            source.rows[id] = .init(token(id, 3))
            destination.rows[id] = .init(token(id, 3))
        }
        countProgress()
    }

    func token(_ id: RowID, _ round: Int64) -> Token { Token(id.rawValue * 100 + round) }

    func partition(of id: RowID) -> Int32 { Int32(id.rawValue % 2) }

    /// Adds a line at a time in seconds.
    mutating func add(_ event: HistoryLine.Event, at seconds: UInt64) {
        lines.append(
            HistoryLine(event, at: Moment(monotonic: seconds * Self.second, wall: Int64(seconds) * 1_000_000))
        )
    }

    /// Adds an event to the topic.
    mutating func record(
        _ id: RowID,
        value: Token,
        kind: TopicContent.Kind = .update,
        lsn: UInt64 = 0,
        producedAt: Int64 = 0
    ) {
        let offset = topic.partitions[partition(of: id)]?.nextOffset ?? 0
        topic.append(
            .init(
                row: id,
                value: value,
                offset: offset,
                kind: kind,
                lsn: LSN(rawValue: lsn),
                producedAt: producedAt
            ),
            to: partition(of: id)
        )
    }

    /// Adds an attempt; `outcome` is the line that ends it.
    mutating func attempt(
        _ id: RowID,
        _ token: Token,
        previous: Token,
        at seconds: UInt64,
        timeline: UInt32 = 2,
        outcome: (HistoryLine.AttemptName) -> HistoryLine.Event?
    ) {
        let name = HistoryLine.AttemptName(worker: 0, id: id.rawValue, token: token)
        add(.invoke(.init(name: name, previous: previous.rawValue), session(timeline)), at: seconds)
        if let event = outcome(name) { add(event, at: seconds) }
    }

    func session(_ timeline: UInt32) -> HistoryLine.Session {
        .init(node: "127.0.0.1:5432", backendProcessID: 1, timeline: Timeline(timeline))
    }

    /// Sets when the broker got what is in the topic so far, in milliseconds since 1970.
    mutating func produceAll(at moment: Int64) {
        for number in topic.partitions.keys {
            for index in topic.partitions[number]?.events.indices ?? 0..<0 {
                topic.partitions[number]?.events[index].producedAt = moment
            }
        }
    }

    /// Sets the sink's progress to all that is in the topic.
    mutating func countProgress() {
        for (number, partition) in topic.partitions {
            progress[number] = .init(nextOffset: partition.nextOffset, events: Int64(partition.events.count))
        }
    }

    var evidence: Evidence {
        Evidence(
            journal: Journal(lines),
            topic: topic,
            source: source,
            destination: destination,
            progress: progress,
            fence: fence,
            forks: forks,
            slots: slots,
            standbys: standbys,
            serverLog: serverLog,
            budgets: budgets
        )
    }

    var verdict: Verdict { Verdict(evidence) }

    private mutating func write(round: Int64, at seconds: UInt64, timeline: UInt32) {
        for id in Self.rows {
            let previous: Token = round == 1 ? 0 : token(id, round - 1)
            attempt(id, token(id, round), previous: previous, at: seconds, timeline: timeline) {
                .ok($0, latency: 1, intendedLatency: 1)
            }
            record(id, value: token(id, round))
        }
    }
}

extension HistoryLine.Fault {
    init(switchoverTo target: String) {
        self.init(
            edge: .begin,
            fault: "switchover",
            target: target,
            leader: "patroni1",
            timeline: Timeline(1)
        )
    }
}

extension Verdict {
    func check(_ name: String) -> CheckResult? {
        checks.first { $0.name == name }
    }

    /// Names of the checks that failed.
    var failed: [String] {
        checks.filter { $0.status == .fail }.map(\.name)
    }
}
