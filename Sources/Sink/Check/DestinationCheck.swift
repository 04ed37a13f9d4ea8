import Kafka
import Model
import Postgres

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
            let secrecy = Secrecy.ofDestination(
                isEncrypted: connection.isEncrypted,
                isLocal: connection.isLocal,
                mode: configuration.destination["sslmode"]
            )
            if let secrecy { report.add(.note, "the session", secrecy) }
            try connection.pin(.sink, deadline: deadline)
            if connection.isSuperuser { report.add(.note, "user", Destination.superuserWarning) }
            if let limits = DatabaseEncoding(of: connection).limits { report.add(.note, "database", limits) }
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
            targets: configuration.targets,
            on: connection,
            deadline: deadline
        )
        switch result {
        case .failure(.missingTable) where configuration.modes.evolution.createsTables:
            try checkCreation(name, on: connection, deadline, &report)
        case .failure(.missingTable): report.add(.failure, subject, SinkError.missingTableReason)
        case .failure(.table(_, let reason)), .failure(.forbiddenTable(_, let reason)):
            report.add(.failure, subject, reason)
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
                let grant = Self.grant(missing, on: schema.qualifiedName, to: try user(connection, deadline))
                report.add(.failure, subject, "this user lacks \(list(missing)); run: \(grant)")
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
        guard try !owns(table, connection, deadline) else { return }
        report.add(.note, subject, "this user does not own it, so columns of new fields cannot be added")
    }

    /// Whether a table that is missing can be created.
    private func checkCreation(
        _ name: String,
        on connection: borrowing Connection,
        _ deadline: Deadline,
        _ report: inout CheckReport
    ) throws(PostgresError) {
        var parameters = Parameters()
        parameters.append(TargetName(name).schema ?? "")
        let answer = try connection.execute(
            """
            select coalesce(nullif($1, ''), own.name, 'search_path, which names none that is there'),
                coalesce(has_schema_privilege(n.oid, 'create'), false), current_user
            from (select (\(SessionSettings.schemasExpression))[1]) as own(name)
            left join pg_namespace n on n.nspname = coalesce(nullif($1, ''), own.name)
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
                "is not there, and this user may not create it in schema \(schema), or there is no such schema; "
                    + "run: grant usage, create on schema \(quotedIdentifier(schema)) to "
                    + quotedIdentifier(answer.text(0, 2) ?? "")
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
            let right = "select has_table_privilege(to_regclass($1), $2)"
            if try !isTrue(right, of: [table, privilege], connection, deadline) { missing.append(privilege) }
        }
        return missing
    }

    /// Whether this user is a table's owner, or a member of the owner's role.
    func owns(
        _ table: String,
        _ connection: borrowing Connection,
        _ deadline: Deadline
    ) throws(PostgresError) -> Bool {
        let owner = "select pg_has_role(relowner, 'usage') from pg_class where oid = to_regclass($1)"
        return try isTrue(owner, of: [table], connection, deadline)
    }

    /// The answer to a yes-or-no question; null and no row are no.
    func isTrue(
        _ question: String,
        of values: [String],
        _ connection: borrowing Connection,
        _ deadline: Deadline
    ) throws(PostgresError) -> Bool {
        var parameters = Parameters()
        for value in values { parameters.append(value) }
        return try connection.execute(question, parameters, deadline: deadline).text(0, 0) == "t"
    }

    func user(_ connection: borrowing Connection, _ deadline: Deadline) throws(PostgresError) -> String {
        try connection.execute("select current_user", deadline: deadline).text(0, 0) ?? ""
    }

    /// The statement that gives a user what it lacks.
    static func grant(_ privileges: [String], on table: String, to user: String) -> String {
        "grant \(privileges.joined(separator: ", ")) on \(table) to \(quotedIdentifier(user))"
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
            """
            select topic, "partition", next_offset from \(configuration.progressTable.name) where sink = $1
            """,
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

    /// What the broker has, fetched where its answer would make the stored offset lie after the end.
    private func trusted(_ place: TopicPartition, _ stored: Int64?) -> PartitionMarks? {
        guard let marks = marks?[place], let stored, stored > marks.end else { return marks?[place] }
        // Some brokers answer the question for the end too low; the sink itself asks again in the same way.
        let ends = try? PartitionEnds.find(
            [place],
            properties: configuration.lookingProperties,
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
