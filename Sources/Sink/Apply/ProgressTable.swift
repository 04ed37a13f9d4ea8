import Model
import Postgres

/// The table `sink_progress`: the truth about how far each partition is applied.
struct ProgressTable {
    let sink: String
    /// Where it is.
    let control: ControlTable
    /// Its name for a statement.
    let name: String
    /// Moves all partitions of a batch, or fails with division by zero if one of them is not where the batch
    /// began: then another instance owns it.
    ///
    /// The error makes the server skip the rest of the pipeline.
    let advanceStatement: String

    init(sink: String, schema: String = ControlTable.defaultSchema) {
        self.sink = sink
        control = ControlTable(schema: schema, name: ControlTable.progressName)
        name = control.quoted
        advanceStatement = """
            with moved as (
                update \(name) p
                set next_offset = n.next, events = p.events + n.events, updated_at = now(),
                    last_offset = n.next - 1, last_timestamp = n.timestamp
                from unnest($2, $3, $4, $5, $6, $7)
                    as n(topic, "partition", expected, next, events, timestamp)
                where p.sink = $1 and p.topic = n.topic and p."partition" = n."partition"
                    and p.next_offset = n.expected
                returning 1
            )
            select 1 / (count(*) = cardinality($3))::int from moved
            """
    }

    /// Makes the table if it is not there, and what a table of an earlier version lacks; sql/destination.sql
    /// describes it.
    ///
    /// - Throws: `PostgresError` with code `refused` for a table that must not be used, or where an earlier version
    ///   has left progress elsewhere.
    func create(on connection: borrowing Connection, deadline: Deadline) throws(PostgresError) {
        try control.make(
            """
            sink text not null, topic text not null, "partition" int not null,
            next_offset bigint not null, events bigint not null default 0,
            last_offset bigint, last_timestamp bigint, topic_id text, leader_epoch int, current_at timestamptz,
            updated_at timestamptz not null default now(), primary key (sink, topic, "partition")
            """,
            unlessEarlier: ("sink", sink),
            on: connection,
            deadline: deadline
        )
        if try !hasMarks(on: connection, deadline: deadline) {
            try addMarks(on: connection, deadline: deadline)
        }
    }

    /// Whether the table has the columns that tell one log from another, and since when nothing was missed.
    func hasMarks(on connection: borrowing Connection, deadline: Deadline) throws(PostgresError) -> Bool {
        var parameters = Parameters()
        parameters.append(name)
        let found = try connection.execute(
            """
            select count(*) = 5 from pg_attribute where attrelid = to_regclass($1) and not attisdropped
                and attname in ('last_offset', 'last_timestamp', 'topic_id', 'leader_epoch', 'current_at')
            """,
            parameters,
            deadline: deadline
        )
        return found.text(0, 0) == "t"
    }

    var addMarksStatement: String {
        """
        alter table \(name) add column if not exists last_offset bigint, \
        add column if not exists last_timestamp bigint, add column if not exists topic_id text, \
        add column if not exists leader_epoch int, add column if not exists current_at timestamptz
        """
    }

    private func addMarks(on connection: borrowing Connection, deadline: Deadline) throws(PostgresError) {
        do throws(PostgresError) {
            try connection.execute(addMarksStatement, deadline: deadline)
        } catch {
            guard error.code == .server, error.sqlState == .insufficientPrivilege else { throw error }
            throw PostgresError(
                code: .server,
                sqlState: error.sqlState,
                message: "\(error.message); as its owner run: \(addMarksStatement)",
                server: error.server
            )
        }
    }

    /// The stored next offsets of these partitions; those that have none are not in the result.
    ///
    /// Unless told otherwise the rows are read locked: a transaction of a lost connection that is still committing
    /// is waited for.
    func load(
        _ places: some Collection<TopicPartition>,
        locks: Bool = true,
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> [TopicPartition: Int64] {
        let parameters = self.parameters(of: Array(places))
        let rows = try connection.execute(
            """
            select p.topic, p."partition", p.next_offset from \(name) p
            join unnest($2, $3) as n(topic, "partition") using (topic, "partition")
            where p.sink = $1 \(locks ? "for update of p" : "")
            """,
            parameters,
            deadline: deadline
        )
        return offsets(in: rows)
    }

    /// The stored next offsets of all partitions, read without a lock.
    func loadAll(
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> [TopicPartition: Int64] {
        var parameters = Parameters()
        parameters.append(sink)
        let rows = try connection.execute(
            "select topic, \"partition\", next_offset from \(name) where sink = $1",
            parameters,
            deadline: deadline
        )
        return offsets(in: rows)
    }

    /// Rows of topic, partition and offset.
    private func offsets(in rows: borrowing QueryResult) -> [TopicPartition: Int64] {
        var offsets: [TopicPartition: Int64] = [:]
        for row in 0..<rows.rowCount {
            guard let topic = rows.text(row, 0), let partition = rows.integer(row, 1),
                let next = rows.integer(row, 2)
            else { continue }
            offsets[TopicPartition(topic: topic, partition: Int32(partition))] = next
        }
        return offsets
    }

    /// The records that were applied last in these partitions, where they are known.
    ///
    /// A row whose offset was moved by something that knows no marks (an earlier version, a person) has none.
    func marks(
        _ places: some Collection<TopicPartition>,
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> [TopicPartition: RecordMark] {
        let parameters = self.parameters(of: Array(places))
        let rows = try connection.execute(
            """
            select p.topic, p."partition", p.last_offset, p.last_timestamp from \(name) p
            join unnest($2, $3) as n(topic, "partition") using (topic, "partition")
            where p.sink = $1 and p.last_offset = p.next_offset - 1 and p.last_timestamp is not null
            """,
            parameters,
            deadline: deadline
        )
        var marks: [TopicPartition: RecordMark] = [:]
        for row in 0..<rows.rowCount {
            guard let topic = rows.text(row, 0), let partition = rows.integer(row, 1),
                let offset = rows.integer(row, 2), let timestamp = rows.integer(row, 3)
            else { continue }
            let place = TopicPartition(topic: topic, partition: Int32(partition))
            marks[place] = RecordMark(offset: offset, timestamp: timestamp)
        }
        return marks
    }

    /// Moves partitions past offsets that no record has.
    ///
    /// The mark of the last record moves along: in this log no record has the offset in front of the stored one; where
    /// one is found with another time, it is another log.
    ///
    /// - Returns: those that moved; one that is not where it is thought to be stays.
    func pass(
        _ places: [TopicPartition: (from: Int64, to: Int64)],
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> [TopicPartition: Int64] {
        var parameters = self.parameters(of: Array(places.keys))
        parameters.appendArray(places.values.map(\.from))
        parameters.appendArray(places.values.map(\.to))
        let rows = try connection.execute(
            """
            update \(name) p
            set next_offset = n.next, updated_at = now(),
                last_offset = case when p.last_offset = p.next_offset - 1 then n.next - 1 end
            from unnest($2, $3, $4, $5) as n(topic, "partition", expected, next)
            where p.sink = $1 and p.topic = n.topic and p."partition" = n."partition" and p.next_offset = n.expected
            returning p.topic, p."partition", p.next_offset
            """,
            parameters,
            deadline: deadline
        )
        return offsets(in: rows)
    }

    /// Stores where partitions begin that were never applied before; a row that is there stays.
    func begin(
        _ offsets: [TopicPartition: Int64],
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) {
        guard !offsets.isEmpty else { return }
        let places = offsets.keys.sorted()
        var parameters = self.parameters(of: places)
        parameters.appendArray(places.map { offsets[$0] ?? 0 })
        try connection.execute(
            """
            insert into \(name) (sink, topic, "partition", next_offset, current_at)
            select $1, n.topic, n."partition", n.next, now()
            from unnest($2, $3, $4) as n(topic, "partition", next)
            on conflict do nothing
            """,
            parameters,
            deadline: deadline
        )
    }

    /// The parameters of `advanceStatement`.
    func bind(_ advances: [Batch.Advance], into parameters: inout Parameters) {
        // In one order everywhere, so that two instances never lock the rows crosswise.
        let advances = advances.sorted { $0.place < $1.place }
        bind(advances.map(\.place), into: &parameters)
        parameters.appendArray(advances.map(\.expected))
        parameters.appendArray(advances.map(\.next))
        parameters.appendArray(advances.map(\.events))
        parameters.appendArray(advances.map(\.newest))
    }

    /// The first three parameters of each statement: the sink, and the topics and numbers of partitions.
    func parameters(of places: [TopicPartition]) -> Parameters {
        var parameters = Parameters()
        bind(places, into: &parameters)
        return parameters
    }

    private func bind(_ places: [TopicPartition], into parameters: inout Parameters) {
        parameters.append(sink)
        parameters.appendArray(places.map(\.topic))
        parameters.appendArray(places.map(\.partition))
    }
}
