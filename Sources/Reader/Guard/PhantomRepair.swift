import History
import Kafka
import Model
import Postgres
import Threading

/// Puts right what the events of a dead timeline have done to the destination, through the pipeline itself; blocking.
///
/// Each key's row is written again at the leader as it is; where there is no row, one is inserted and deleted in one
/// transaction. Debezium sends what it finds, and the sink applies it after the phantom.
struct PhantomRepair: Sendable {
    /// The leader itself.
    var leader: ConnectionOptions
    var timeline: Timeline
    var facts: ConnectorFacts
    var repair: GuardState.Repair
    var scan: PhantomScan
    var report: GuardReport
    var board: GuardBoard
    var stop: StopSignal

    private typealias Row = (table: DeadEvent.Table, key: [DeadEvent.KeyPart])

    /// Repairs all keys, and waits until the stream has passed.
    ///
    /// - Returns: false when it was stopped before; all that was done is done again then, which harms nobody.
    func run() throws(GuardError) -> Bool {
        guard scan.limit > 0 else {
            refuse("what a dead timeline has left in the destination stays there: --repair-limit is 0")
            return true
        }
        let found = try onBroker { () throws(KafkaError) in try scan.find(repair, stop: stop) }
        guard !stop.isRequested else { return false }
        sayWhatIsLeftOut(found)
        guard !found.events.isEmpty else { return true }
        let session = try onLeader { () throws(PostgresError) in
            try RepairSession.open(leader, on: timeline)
        }
        let committed = try onLeader { () throws(PostgresError) in
            try session.committed(found.doubtful)
        }
        let keys = found.keys(committed: committed)
        guard !keys.isEmpty else { return true }
        guard let counts = try put(right: keys, session) else { return false }
        guard !stop.isRequested else { return false }
        let parts = PhantomOutcome.allCases.compactMap { outcome in counts[outcome].map { "\($0) \(outcome)" }
        }
        report.act(
            .repaired,
            "rows after the fork: \(parts.joined(separator: ", "))",
            timeline: timeline,
            from: LSN(rawValue: repair.fork)
        )
        return true
    }

    private func sayWhatIsLeftOut(_ found: PhantomScan.Found) {
        if found.undecodableCount > 0 {
            refuse(
                "\(found.undecodableCount) records after the fork are no change events that can be read: what they did "
                    + "to the destination is not looked at"
            )
        }
        guard found.leftOutCount > 0 else { return }
        board.change { $0.phantoms[.left, default: 0] += found.leftOutCount }
        refuse(
            "after the fork are \(found.leftOutCount) events more than the \(scan.limit) rows that --repair-limit "
                + "allows: theirs are left in the destination as they are; reader compare finds them"
        )
    }

    private func refuse(_ reason: String) {
        report.act(.refuse, reason, timeline: timeline, from: LSN(rawValue: repair.fork))
    }

    /// - Returns: how many keys ended how; `nil` when it was stopped before.
    private func put(
        right keys: [Row],
        _ session: borrowing RepairSession
    ) throws(GuardError) -> [PhantomOutcome: Int]? {
        // Another plugin than PostgreSQL's own knows of no publication.
        let publication = facts.plugin == "pgoutput" ? facts.publication : nil
        var tables: [DeadEvent.Table: RepairTable] = [:]
        var counts: [PhantomOutcome: Int] = [:]
        var last: (key: [DeadEvent.KeyPart], table: RepairTable)?
        for (name, key) in keys {
            guard !stop.isRequested else { return nil }
            let table: RepairTable
            if let known = tables[name] {
                table = known
            } else {
                table = try onLeader { () throws(PostgresError) in
                    try session.table(name, publication: publication)
                }
                tables[name] = table
            }
            let (outcome, reason) = try onLeader { () throws(PostgresError) in
                try session.put(right: key, of: table)
            }
            if outcome != .left { last = (key, table) }
            counts[outcome, default: 0] += 1
            board.change { $0.phantoms[outcome, default: 0] += 1 }
            report.phantom(
                outcome,
                table: "\(name.schema).\(name.name)",
                key: DeadEvent.text(of: key),
                timeline: timeline,
                reason: reason
            )
        }
        if let last { try waitForStream(session, last.key, last.table) }
        return counts
    }

    /// Until the slot has confirmed all that was written here: before, another failover could take it away unseen.
    private func waitForStream(
        _ session: borrowing RepairSession,
        _ key: [DeadEvent.KeyPart],
        _ table: RepairTable
    ) throws(GuardError) {
        let end = try onLeader { () throws(PostgresError) in try session.written() }
        // One event after that place: on a quiet source the slot would not move past it otherwise.
        _ = try onLeader { () throws(PostgresError) in try session.put(right: key, of: table) }
        let slot = facts.slot
        while !stop.isRequested {
            let isPast = try onLeader { () throws(PostgresError) in
                try session.hasConfirmed(end, slot: slot)
            }
            if isPast { return }
            stop.sleep(.milliseconds(500))
        }
    }
}
