import Model
import Postgres

/// What stands beside the offsets: which log they belong to, and since when nothing can have been missed.
extension ProgressTable {
    /// What a row says of its log.
    struct LogNote: Equatable {
        var identity = LogIdentity()
        /// When the progress began, or everything was read, whichever came later; milliseconds since 1970.
        var currentAt: Int64?
        /// Kafka's time of the record that was applied last.
        var lastTimestamp: Int64?
    }

    /// What is known of these partitions; a row of an earlier version has nothing.
    func notes(
        _ places: [TopicPartition],
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> [TopicPartition: LogNote] {
        let parameters = self.parameters(of: places)
        let rows = try connection.execute(
            """
            select p.topic, p."partition", p.topic_id, p.leader_epoch,
                (extract(epoch from p.current_at) * 1000)::bigint, p.last_timestamp
            from \(name) p join unnest($2, $3) as n(topic, "partition") using (topic, "partition")
            where p.sink = $1
            """,
            parameters,
            deadline: deadline
        )
        var notes: [TopicPartition: LogNote] = [:]
        for row in 0..<rows.rowCount {
            guard let topic = rows.text(row, 0), let partition = rows.integer(row, 1) else { continue }
            notes[TopicPartition(topic: topic, partition: Int32(partition))] = LogNote(
                identity: LogIdentity(
                    topicID: rows.text(row, 2),
                    leaderEpoch: rows.integer(row, 3).map { Int32(clamping: $0) }
                ),
                currentAt: rows.integer(row, 4),
                lastTimestamp: rows.integer(row, 5)
            )
        }
        return notes
    }

    /// Stores which log the partitions belong to; what is not known now stays as it was.
    ///
    /// A row of an earlier version counts from now.
    func note(
        _ identities: [TopicPartition: LogIdentity],
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) {
        guard !identities.isEmpty else { return }
        let places = identities.keys.sorted()
        var parameters = self.parameters(of: places)
        parameters.appendArray(places.map { identities[$0]?.topicID })
        parameters.appendArray(places.map { identities[$0]?.leaderEpoch })
        try connection.execute(
            """
            update \(name) p set topic_id = coalesce(n.id, p.topic_id),
                leader_epoch = coalesce(n.epoch, p.leader_epoch), current_at = coalesce(p.current_at, now())
            from unnest($2, $3, $4, $5) as n(topic, "partition", id, epoch)
            where p.sink = $1 and p.topic = n.topic and p."partition" = n."partition"
                and (p.current_at is null or (coalesce(n.id, p.topic_id), coalesce(n.epoch, p.leader_epoch))
                    is distinct from (p.topic_id, p.leader_epoch))
            """,
            parameters,
            deadline: deadline
        )
    }

    /// Notes that partitions are read to their ends: nothing that is written from now on can have been missed.
    func noteCurrent(
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
            update \(name) p set current_at = now()
            from unnest($2, $3, $4) as n(topic, "partition", next)
            where p.sink = $1 and p.topic = n.topic and p."partition" = n."partition" and p.next_offset = n.next
            """,
            parameters,
            deadline: deadline
        )
    }
}
