import Model
import Postgres

/// Carries a plan out, in one transaction.
struct ProgressReset {
    let sink: String
    /// The `application_name` under which the sink connects.
    let applicationName: String
    private static let answerTimeout = Duration.seconds(20)
    private let progress: ProgressTable

    init(_ configuration: SinkConfiguration) {
        sink = configuration.name
        progress = configuration.progressTable
        applicationName = configuration.destination["application_name"] ?? ""
    }

    /// Under a name of its own, so that it does not take itself for the sink.
    static func connect(_ configuration: SinkConfiguration) throws(ResetError) -> Connection {
        var options = configuration.destination
        options["application_name"] = "handover-sink-reset"
        do throws(PostgresError) {
            let connection = try Connection.open(options, deadline: .after(.seconds(5)))
            try connection.pin(.sink, deadline: .after(answerTimeout))
            return connection
        } catch {
            throw .destination(error)
        }
    }

    /// The stored offsets, read without a lock; none when there is no table yet.
    ///
    /// - Parameter places: `nil` for all partitions that the sink ever had.
    func stored(
        _ places: [TopicPartition]? = nil,
        on connection: borrowing Connection
    ) throws(ResetError) -> [TopicPartition: Int64] {
        let deadline = Deadline.after(Self.answerTimeout)
        do throws(PostgresError) {
            let state = try progress.control.usableState(on: connection, deadline: deadline)
            guard state.owner != nil else { return [:] }
            guard let places else { return try progress.loadAll(on: connection, deadline: deadline) }
            return try progress.load(places, locks: false, on: connection, deadline: deadline)
        } catch {
            throw .destination(error)
        }
    }

    /// - Throws: `ResetError.active` while the sink is connected, `ResetError.moved` when the progress is not what
    ///   the plan says any more; then nothing is changed.
    func carryOut(_ plan: ResetPlan, on connection: borrowing Connection) throws(ResetError) {
        let deadline = Deadline.after(Self.answerTimeout)
        let (stored, active): ([TopicPartition: Int64], [Int64])
        do throws(PostgresError) {
            try progress.create(on: connection, deadline: deadline)
            try connection.execute("begin", deadline: deadline)
            // A sink that holds its rows for longer than this is at work, whatever its connections are called.
            try connection.execute("set local lock_timeout = '5s'", deadline: deadline)
            stored = try progress.load(plan.changes.map(\.place), on: connection, deadline: deadline)
            active = try sessions(on: connection, deadline: deadline)
        } catch {
            throw .destination(error)
        }
        // What is not committed when the connection ends is rolled back.
        guard active.isEmpty else { throw .active(sink, processes: active) }
        for change in plan.changes where stored[change.place] != change.stored { throw .moved(change.place) }
        do throws(PostgresError) {
            try store(plan.changes, on: connection, deadline: deadline)
            try connection.execute("commit", deadline: deadline)
        } catch {
            throw .destination(error)
        }
    }

    /// The server processes of the sink's connections: those that hold the sink's lock, and for the sake of poolers those
    /// that have its name.
    private func sessions(
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> [Int64] {
        let holders = try PresenceLock(sink: sink).exclude(on: connection, deadline: deadline)
        guard holders.isEmpty else { return holders }
        var parameters = Parameters()
        parameters.append(applicationName)
        // The server keeps as much of an application's name as fits into a `name`.
        let rows = try connection.execute(
            """
            select pid from pg_stat_activity
            where datname = current_database() and application_name = $1::text::name::text
            """,
            parameters,
            deadline: deadline
        )
        return (0..<rows.rowCount).compactMap { rows.integer($0, 0) }
    }

    private func store(
        _ changes: [ResetPlan.Change],
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) {
        var parameters = progress.parameters(of: changes.map(\.place))
        parameters.appendArray(changes.map(\.new))
        try connection.execute(
            """
            insert into \(progress.name) (sink, topic, "partition", next_offset, current_at)
            select $1, n.topic, n."partition", n.next, now()
            from unnest($2, $3, $4) as n(topic, "partition", next)
            on conflict (sink, topic, "partition") do update
            set next_offset = excluded.next_offset, updated_at = now(),
                last_offset = null, last_timestamp = null,
                -- Whoever chooses an offset has looked at the log and at what may be missing.
                topic_id = null, leader_epoch = null, current_at = now()
            """,
            parameters,
            deadline: deadline
        )
    }
}
