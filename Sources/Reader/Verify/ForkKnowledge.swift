import Cluster
import Model
import Postgres
import Slots
import Tables

/// What the cluster and the connector say about timelines; `nil` parts were not asked or did not answer.
struct ForkKnowledge: Sendable, Equatable {
    /// The timeline that led when the evidence was gathered.
    var timeline: Timeline?
    /// Where each timeline ended on the surviving history.
    var ends: [Timeline: LSN]?
    /// The position that Debezium has stored (`GET /connectors/NAME/offsets`).
    var storedOffset: LSN?
    /// Whether a fork may lose acknowledged writes: replication is asynchronous.
    var mayLose = false

    /// Asks the leader for its timeline and, where this user may read it, for its past.
    mutating func ask(_ leader: borrowing Connection) throws(PostgresError) {
        let answer = try leader.execute(
            "select pg_walfile_name(pg_current_wal_lsn())",
            deadline: .after(TableReader.timeout)
        )
        timeline = answer.text(0, 0).flatMap { Timeline(walFileName: $0) }
        guard let timeline else { return }
        ends = try TimelineHistory.read(of: timeline, leader, deadline: .after(TableReader.timeout))
    }

    /// Takes the ends from Patroni, if it has the last fork already: it learns of it some seconds after the promotion,
    /// and without it every token that the fork took would look like one that nothing explains.
    ///
    /// - Returns: whether the forks are known now.
    mutating func learn(_ forks: [TimelineFork]) -> Bool {
        let last = forks.lazy.map(\.timeline).max().map(\.rawValue) ?? 0
        guard last + 1 >= timeline?.rawValue ?? 1 else { return false }
        ends = TimelineHistory.ends(forks)
        return true
    }
}
