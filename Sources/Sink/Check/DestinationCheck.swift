import Shared

/// Looks whether the destination takes what the configuration would write; changes nothing there.
struct DestinationCheck {
    let configuration: SinkConfiguration
    /// The topics to apply; without brokers only those that the file lists.
    let topics: [String]
    /// What the broker has of each partition, where it is known.
    let marks: [TopicPartition: PartitionMarks]?

    private static let connectTimeout = Duration.seconds(5)
    private static let answerTimeout = Duration.seconds(20)

    func run(into report: inout CheckReport) {
        do throws(PostgresError) {
            let connection = try Connection.open(
                configuration.destination,
                deadline: .after(Self.connectTimeout)
            )
            let deadline = Deadline.after(Self.answerTimeout)
            report.add(
                connection.acceptsWrites ? .ok : .failure,
                "destination",
                "\(configuration.destination): PostgreSQL \(connection.parameterStatus("server_version") ?? "?")"
                    + (connection.acceptsWrites ? "" : ", a standby or read-only")
            )
            let hasProgress = try checkProgressTable(on: connection, deadline, &report)
            try checkDeadLetterTable(on: connection, deadline, &report)
            if !configuration.tableNameFormat.dependsOnTopicOnly {
                report.add(.note, "tables", "are named by the records, and are checked when those come")
            }
            for name in configuration.tableNames(of: topics) {
                try checkTable(name, on: connection, deadline, &report)
            }
            if hasProgress { try checkProgress(on: connection, deadline, &report) }
        } catch {
            report.add(error.isConnectionFailure ? .unreachable : .failure, "destination", error.description)
        }
    }

    /// Whether `sink_progress` is there and can be read.
    private func checkProgressTable(
        on connection: borrowing Connection,
        _ deadline: Deadline,
        _ report: inout CheckReport
    ) throws(PostgresError) -> Bool {
        let found = try connection.execute(
            """
            select to_regclass('sink_progress'), current_schema(),
                current_schema() is not null and has_schema_privilege(current_schema(), 'create'),
                \(ProgressTable.hasMarks), coalesce(pg_has_role((
                    select relowner from pg_class where oid = to_regclass('sink_progress')), 'usage'), false)
            """,
            deadline: deadline
        )
        guard let name = found.text(0, 0) else {
            let schema = found.text(0, 1) ?? "search_path, which names none that is there"
            if found.text(0, 2) == "t" {
                report.add(.ok, "sink_progress", "is not there; the sink will create it in schema \(schema)")
            } else {
                report.add(
                    .failure,
                    "sink_progress",
                    "is not there, and this user may not create it in schema \(schema)"
                )
            }
            return false
        }
        let missing = try missingPrivileges(
            of: ["select", "insert", "update"],
            on: "sink_progress",
            connection,
            deadline
        )
        guard missing.isEmpty else {
            report.add(
                .failure,
                "sink_progress",
                "this user lacks \(missing.joined(separator: ", ")) on \(name)"
            )
            return false
        }
        if found.text(0, 3) != "t" {
            let needed = "as its owner run: \(ProgressTable.addMarksStatement)"
            guard found.text(0, 4) == "t" else {
                report.add(.failure, "sink_progress", "is of an earlier version; \(needed)")
                return true
            }
            report.add(.note, "sink_progress", "is of an earlier version; the sink will add its columns")
        }
        report.add(.ok, "sink_progress", "is there as \(name)")
        return true
    }

    private func checkTable(
        _ name: String,
        on connection: borrowing Connection,
        _ deadline: Deadline,
        _ report: inout CheckReport
    ) throws(PostgresError) {
        let subject = "table \(name)"
        let result = try TableCatalog.schema(
            of: name,
            modes: configuration.modes,
            on: connection,
            deadline: deadline
        )
        switch result {
        case .failure(.missingTable) where configuration.modes.evolution.createsTables:
            try checkCreation(name, on: connection, deadline, &report)
        case .failure(.missingTable): report.add(.failure, subject, SinkError.missingTableReason)
        case .failure(.table(_, let reason)): report.add(.failure, subject, reason)
        case .failure(let error): report.add(.failure, subject, error.description)
        case .success(let schema):
            let key = schema.keyColumns.map(\.name).joined(separator: ", ")
            let needed = configuration.modes.privileges
            let missing = try missingPrivileges(of: needed, on: schema.qualifiedName, connection, deadline)
            if configuration.modes.evolution.addsColumns {
                try checkOwner(of: schema.qualifiedName, subject, on: connection, deadline, &report)
            }
            if missing.isEmpty {
                report.add(
                    .ok,
                    subject,
                    "\(schema.columns.count) columns, key (\(key)), rights to \(list(needed))"
                )
            } else {
                report.add(.failure, subject, "this user lacks \(list(missing))")
            }
        }
    }

    /// Only a table's owner can add columns to it, which matters once the source has new ones.
    private func checkOwner(
        of table: String,
        _ subject: String,
        on connection: borrowing Connection,
        _ deadline: Deadline,
        _ report: inout CheckReport
    ) throws(PostgresError) {
        var parameters = Parameters()
        parameters.append(table)
        let answer = try connection.execute(
            "select pg_has_role(relowner, 'usage') from pg_class where oid = to_regclass($1)",
            parameters,
            deadline: deadline
        )
        guard answer.text(0, 0) != "t" else { return }
        report.add(.note, subject, "this user does not own it, so columns of new fields cannot be added")
    }

    /// Whether a table that is missing can be created.
    private func checkCreation(
        _ name: String,
        on connection: borrowing Connection,
        _ deadline: Deadline,
        _ report: inout CheckReport
    ) throws(PostgresError) {
        let parts = name.split(separator: ".")
        var parameters = Parameters()
        parameters.append(parts.count > 1 ? String(parts[0]) : "")
        let answer = try connection.execute(
            """
            select coalesce(nullif($1, ''), current_schema(), 'search_path, which names none that is there'),
                coalesce(has_schema_privilege(n.oid, 'create'), false)
            from (values (coalesce(nullif($1, ''), current_schema()))) as wanted (name)
            left join pg_namespace n on n.nspname = wanted.name
            """,
            parameters,
            deadline: deadline
        )
        let schema = answer.text(0, 0) ?? ""
        if answer.text(0, 1) == "t" {
            report.add(
                .ok,
                "table \(name)",
                "is not there; the first record's schema will create it in \(schema)"
            )
        } else {
            report.add(
                .failure,
                "table \(name)",
                "is not there, and this user may not create it in schema \(schema), or there is no such schema"
            )
        }
    }

    func missingPrivileges(
        of needed: [String],
        on table: String,
        _ connection: borrowing Connection,
        _ deadline: Deadline
    ) throws(PostgresError) -> [String] {
        var missing: [String] = []
        for privilege in needed {
            var parameters = Parameters()
            parameters.append(table)
            parameters.append(privilege)
            let answer = try connection.execute(
                "select has_table_privilege(to_regclass($1), $2)",
                parameters,
                deadline: deadline
            )
            if answer.text(0, 0) != "t" { missing.append(privilege) }
        }
        return missing
    }

    /// Compares the stored progress with what the broker still has.
    private func checkProgress(
        on connection: borrowing Connection,
        _ deadline: Deadline,
        _ report: inout CheckReport
    ) throws(PostgresError) {
        var parameters = Parameters()
        parameters.append(configuration.name)
        // Unlike the sink's own look it takes no lock: a running sink must not notice.
        let rows = try connection.execute(
            #"select topic, "partition", next_offset from sink_progress where sink = $1"#,
            parameters,
            deadline: deadline
        )
        var stored: [TopicPartition: Int64] = [:]
        for row in 0..<rows.rowCount {
            guard let topic = rows.text(row, 0), let partition = rows.integer(row, 1) else { continue }
            stored[TopicPartition(topic: topic, partition: Int32(partition))] = rows.integer(row, 2)
        }
        let known =
            marks.map { Array($0.keys) } ?? stored.keys.filter { topics.contains($0.topic) }
        for place in known.sorted() {
            let line = Self.progress(stored: stored[place], marks: trusted(place, stored[place]))
            report.add(line.fits ? .ok : .failure, "progress \(place)", line.text)
        }
    }

    /// What the broker has, fetched where its answer would make the stored offset lie behind the end.
    private func trusted(_ place: TopicPartition, _ stored: Int64?) -> PartitionMarks? {
        guard let marks = marks?[place], let stored, stored > marks.end else { return marks?[place] }
        // Some brokers answer the question for the end too low; the sink itself asks again in the same way.
        let ends = try? PartitionEnds.find(
            [place],
            properties: configuration.brokerProperties,
            deadline: .after(.seconds(20))
        )
        return PartitionMarks(first: marks.first, end: ends?[place] ?? marks.end)
    }

    /// What a partition's stored offset and the broker's records mean together.
    static func progress(stored: Int64?, marks: PartitionMarks?) -> (fits: Bool, text: String) {
        switch (stored, marks) {
        case (let stored?, let marks?) where stored < marks.first:
            let cause = "its retention has overtaken the sink"
            return (false, "goes on at offset \(stored), but the broker's first is \(marks.first): \(cause)")
        case (let stored?, let marks?) where stored > marks.end:
            let cause = "the topic was made anew or cut"
            return (false, "goes on at offset \(stored), but the broker ends at \(marks.end): \(cause)")
        case (let stored?, _): return (true, "goes on at offset \(stored)")
        case (nil, let marks?): return (true, "begins at the broker's first offset, \(marks.first)")
        case (nil, nil): return (true, "begins at the broker's first offset")
        }
    }

    private func list(_ words: [String]) -> String { words.joined(separator: ", ") }
}
