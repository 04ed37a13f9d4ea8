import Kafka
import Model
import Postgres

/// The table `sink_dead_letters`: dead letters between the transaction that gets past their record and the
/// brokers' word that they have them.
///
/// A row is written in the transaction that moves the progress, and deleted when the dead letter is in the
/// dead-letter topic. So a crash leaves the row, and its dead letter is looked for in the topic from
/// `search_start` on before it is sent again.
struct DeadLetterTable {
    let sink: String
    /// Where it is.
    let control: ControlTable
    /// Its name for a statement.
    let name: String
    /// Stores the dead letters of a batch; one that is there already is on its way.
    let insertStatement: String

    /// Dead letters that are read at once, at most, and their bytes, at most but for one.
    static let readCount = 500
    static let readByteCount = 8 << 20

    init(sink: String, schema: String = ControlTable.defaultSchema) {
        self.sink = sink
        control = ControlTable(schema: schema, name: ControlTable.deadLettersName)
        name = control.quoted
        insertStatement = """
            insert into \(name) (sink, topic, "partition", "offset", reason, key, value, headers,
                timestamp_ms, dead_letter_topic, dead_letter_partition, search_start)
            select $1, n.* from unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) as n
            on conflict do nothing
            """
    }

    /// Makes the table if it is not there; sql/destination.sql describes it.
    ///
    /// - Throws: `PostgresError` with code `refused` for a table that must not be used, or where an earlier version
    ///   has left dead letters elsewhere.
    func create(on connection: borrowing Connection, deadline: Deadline) throws(PostgresError) {
        try control.make(
            """
            sink text not null, topic text not null, "partition" int not null, "offset" bigint not null,
            reason text not null, key bytea, value bytea, headers bytea not null, timestamp_ms bigint,
            dead_letter_topic text not null, dead_letter_partition int not null,
            search_start bigint not null, failed_at timestamptz not null default now(),
            primary key (sink, topic, "partition", "offset")
            """,
            unlessEarlier: ("sink", sink),
            on: connection,
            deadline: deadline
        )
    }

    /// The parameters of `insertStatement`.
    func bind(_ letters: [DeadLetter], into parameters: inout Parameters) {
        let letters = letters.filter { $0.record != nil }
        parameters.append(sink)
        parameters.appendArray(letters.map(\.place.topic))
        parameters.appendArray(letters.map(\.place.partition))
        parameters.appendArray(letters.map(\.offset))
        parameters.appendArray(letters.map { Self.plain($0.reason) })
        parameters.appendArray(letters.map { $0.record?.key })
        parameters.appendArray(letters.map { $0.record?.value })
        parameters.appendArray(letters.map { HeaderBytes.encode($0.record?.headers ?? []) })
        parameters.appendArray(letters.map { $0.record?.timestamp })
        parameters.appendArray(letters.map { $0.record?.place.topic ?? "" })
        parameters.appendArray(letters.map { $0.record?.place.partition ?? 0 })
        parameters.appendArray(letters.map(\.searchStart))
    }

    /// A reason in ASCII, without NUL: a database of any encoding takes it.
    ///
    /// The dead letter's own headers have all of it.
    static func plain(_ reason: String) -> String {
        reason.unicodeScalars.reduce(into: "") { text, scalar in
            let isKept = scalar.isASCII && scalar.value != 0
            if isKept { text.unicodeScalars.append(scalar) } else { text += scalar.escaped(asASCII: true) }
        }
    }

    /// The first dead letters of these partitions that nobody has acknowledged, in their order.
    func pending(
        _ places: [TopicPartition],
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> [DeadLetter] {
        var parameters = Parameters()
        parameters.append(sink)
        parameters.appendArray(places.map(\.topic))
        parameters.appendArray(places.map(\.partition))
        parameters.append(Int64(Self.readCount))
        parameters.append(Int64(Self.readByteCount))
        let rows = try connection.execute(
            """
            select topic, "partition", "offset", reason, encode(key, 'hex'), encode(value, 'hex'),
                encode(headers, 'hex'), timestamp_ms, dead_letter_topic, dead_letter_partition, search_start
            from (
                select d.*, sum(size) over (order by topic, "partition", "offset") - size as bytes_before
                from (
                    select d.*, coalesce(length(key), 0)::bigint + coalesce(length(value), 0) as size
                    from \(name) d
                    join unnest($2, $3) as n(topic, "partition") using (topic, "partition")
                    where d.sink = $1 order by topic, "partition", "offset" limit $4
                ) as d
            ) as d
            where bytes_before < $5 order by topic, "partition", "offset"
            """,
            parameters,
            deadline: deadline
        )
        return (0..<rows.rowCount).compactMap { Self.letter(rows, $0) }
    }

    private static func letter(_ rows: borrowing QueryResult, _ row: Int) -> DeadLetter? {
        guard let topic = rows.text(row, 0), let partition = rows.integer(row, 1),
            let offset = rows.integer(row, 2), let reason = rows.text(row, 3),
            let headers = rows.hexadecimalBytes(row, 6).flatMap(HeaderBytes.decode),
            let target = rows.text(row, 8), let targetPartition = rows.integer(row, 9),
            let searchStart = rows.integer(row, 10)
        else { return nil }
        return DeadLetter(
            place: TopicPartition(topic: topic, partition: Int32(partition)),
            offset: offset,
            reason: reason,
            record: ProducerRecord(
                place: TopicPartition(topic: target, partition: Int32(targetPartition)),
                key: rows.hexadecimalBytes(row, 4),
                value: rows.hexadecimalBytes(row, 5),
                headers: headers,
                timestamp: rows.integer(row, 7)
            ),
            searchStart: searchStart
        )
    }

    /// Forgets dead letters that the brokers have.
    func delete(
        _ letters: [DeadLetter],
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) {
        var parameters = Parameters()
        parameters.append(sink)
        parameters.appendArray(letters.map(\.place.topic))
        parameters.appendArray(letters.map(\.place.partition))
        parameters.appendArray(letters.map(\.offset))
        try connection.execute(
            """
            delete from \(name) d
            using unnest($2, $3, $4) as n(topic, "partition", "offset")
            where d.sink = $1 and d.topic = n.topic and d."partition" = n."partition" and d."offset" = n."offset"
            """,
            parameters,
            deadline: deadline
        )
    }
}
