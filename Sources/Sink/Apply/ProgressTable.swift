import Shared

/// The table `sink_progress`: the truth about how far each partition is applied.
struct ProgressTable {
    let sink: String

    /// Makes the table if it is not there, and what a table of an earlier version lacks; sql/destination.sql
    /// describes it.
    func create(on connection: borrowing Connection, deadline: Deadline) throws(PostgresError) {
        // Asking first lets a user without the right to create tables use one that is there.
        let found = try connection.execute(
            "select to_regclass('sink_progress'), \(Self.hasMarks)",
            deadline: deadline
        )
        guard found.text(0, 0) == nil else {
            if found.text(0, 1) != "t" { try addMarks(on: connection, deadline: deadline) }
            return
        }
        try connection.createTable(
            """
            create table if not exists sink_progress (
                sink text not null, topic text not null, "partition" int not null,
                next_offset bigint not null, events bigint not null default 0,
                last_offset bigint, last_timestamp bigint,
                updated_at timestamptz not null default now(), primary key (sink, topic, "partition"))
            """,
            deadline: deadline
        )
    }

    /// Whether the table has the columns that tell one log from another.
    static let hasMarks = """
        (select count(*) = 2 from pg_attribute where attrelid = to_regclass('sink_progress')
            and attname in ('last_offset', 'last_timestamp') and not attisdropped)
        """

    static let addMarksStatement = """
        alter table sink_progress add column if not exists last_offset bigint, \
        add column if not exists last_timestamp bigint
        """

    private func addMarks(on connection: borrowing Connection, deadline: Deadline) throws(PostgresError) {
        do throws(PostgresError) {
            try connection.execute(Self.addMarksStatement, deadline: deadline)
        } catch {
            guard error.code == .server, error.sqlState == .insufficientPrivilege else { throw error }
            throw PostgresError(
                code: .server,
                sqlState: error.sqlState,
                message: "\(error.message); as its owner run: \(Self.addMarksStatement)",
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
        var parameters = Parameters()
        parameters.append(sink)
        bind(Array(places), into: &parameters)
        let rows = try connection.execute(
            """
            select p.topic, p."partition", p.next_offset from sink_progress p
            join unnest($2, $3) as n(topic, "partition") using (topic, "partition")
            where p.sink = $1 \(locks ? "for update of p" : "")
            """,
            parameters,
            deadline: deadline
        )
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
        var parameters = Parameters()
        parameters.append(sink)
        bind(Array(places), into: &parameters)
        let rows = try connection.execute(
            """
            select p.topic, p."partition", p.last_offset, p.last_timestamp from sink_progress p
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

    /// Stores where partitions begin that were never applied before; a row that is there stays.
    func begin(
        _ offsets: [TopicPartition: Int64],
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) {
        guard !offsets.isEmpty else { return }
        let places = offsets.keys.sorted()
        var parameters = Parameters()
        parameters.append(sink)
        bind(places, into: &parameters)
        parameters.appendArray(places.map { offsets[$0] ?? 0 })
        try connection.execute(
            """
            insert into sink_progress (sink, topic, "partition", next_offset)
            select $1, n.topic, n."partition", n.next
            from unnest($2, $3, $4) as n(topic, "partition", next)
            on conflict do nothing
            """,
            parameters,
            deadline: deadline
        )
    }

    /// Moves all partitions of a batch, or fails with division by zero if one of them is not where the batch
    /// began: then another instance owns it.
    ///
    /// The error makes the server skip the rest of the pipeline.
    static let advanceStatement = """
        with moved as (
            update sink_progress p
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

    /// The parameters of `advanceStatement`.
    func bind(_ advances: [Batch.Advance], into parameters: inout Parameters) {
        // In one order everywhere, so that two instances never lock the rows crosswise.
        let advances = advances.sorted { $0.place < $1.place }
        parameters.append(sink)
        bind(advances.map(\.place), into: &parameters)
        parameters.appendArray(advances.map(\.expected))
        parameters.appendArray(advances.map(\.next))
        parameters.appendArray(advances.map(\.events))
        parameters.startArray(of: TypeOID.int8, array: TypeOID.int8Array, count: advances.count)
        for advance in advances {
            if let timestamp = advance.newest {
                parameters.element(timestamp)
            } else {
                parameters.elementNull()
            }
        }
        parameters.finishArray()
    }

    func bind(_ places: [TopicPartition], into parameters: inout Parameters) {
        parameters.startArray(of: TypeOID.text, array: TypeOID.textArray, count: places.count)
        for place in places { parameters.element(place.topic) }
        parameters.finishArray()
        parameters.startArray(of: TypeOID.int4, array: TypeOID.int4Array, count: places.count)
        for place in places { parameters.element(place.partition) }
        parameters.finishArray()
    }
}

extension Parameters {
    mutating func appendArray(_ values: [Int64]) {
        startArray(of: TypeOID.int8, array: TypeOID.int8Array, count: values.count)
        for value in values { element(value) }
        finishArray()
    }
}
