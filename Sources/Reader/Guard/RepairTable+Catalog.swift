import Model
import Postgres

/// What the leader's catalog says of a table.
extension RepairTable {
    /// Reads the catalog; a table that is not there has no columns.
    ///
    /// - Parameters:
    ///   - publication: the one that the connector reads; `nil` where it reads all tables, with another plugin than
    ///     PostgreSQL's own.
    ///   - role: the session's `session_replication_role`, which says what triggers a statement runs.
    static func load(
        _ table: DeadEvent.Table,
        publication: String?,
        role: RepairSession.Role,
        _ connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> RepairTable {
        var names = Parameters()
        names.append(table.schema)
        names.append(table.name)
        var found = RepairTable(table: table, columns: try columns(names, connection, deadline))
        guard !found.columns.isEmpty else { return found }
        found.identities = try identities(names, connection, deadline)
        let answer = try connection.execute(
            """
            select (c.relkind = 'p')::int, (n.nspname !~ '^(pg_|information_schema$)')::int,
                exists (
                    select from pg_catalog.pg_trigger t
                    where not t.tgisinternal and t.tgenabled in ('A', '\(role == .replica ? "R" : "O")')
                        and (t.tgrelid = c.oid or t.tgrelid in (select relid from pg_partition_tree(c.oid)))
                )::int
            \(relation)
            """,
            names,
            deadline: deadline
        )
        found.isPartitioned = answer.integer(0, 0) == 1
        found.hasTriggers = answer.integer(0, 2) == 1
        if let publication {
            found.published = try published(by: publication, names, connection, deadline)
        } else if answer.integer(0, 1) == 1 {
            found.published = .yes(filter: nil)
        }
        return found
    }

    /// A table by its schema and name, in `$1` and `$2`.
    private static let relation = """
        from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p')
        """

    private static func columns(
        _ names: Parameters,
        _ connection: borrowing Connection,
        _ deadline: Deadline
    ) throws(PostgresError) -> [Column] {
        let answer = try connection.execute(
            """
            select a.attname, format_type(a.atttypid, a.atttypmod), b.typname, t.typcategory,
                (a.attnotnull and not a.atthasdef and a.attidentity = '')::int,
                (a.attlen = -1 and a.attstorage <> 'p')::int,
                (a.attgenerated <> '' or a.attidentity = 'a')::int, (a.attgenerated <> '')::int
            from pg_catalog.pg_attribute a
            join pg_catalog.pg_type t on t.oid = a.atttypid
            join pg_catalog.pg_type b on b.oid = case t.typtype when 'd' then t.typbasetype else t.oid end
            where a.attrelid = (select c.oid \(relation)) and a.attnum > 0 and not a.attisdropped
            order by a.attnum
            """,
            names,
            deadline: deadline
        )
        return (0..<answer.rowCount).map { row in
            Column(
                name: answer.text(row, 0) ?? "",
                type: answer.text(row, 1) ?? "",
                base: answer.text(row, 2) ?? "",
                category: answer.text(row, 3) ?? "",
                isRequired: answer.integer(row, 4) == 1,
                isToasted: answer.integer(row, 5) == 1,
                isFixed: answer.integer(row, 6) == 1,
                isGenerated: answer.integer(row, 7) == 1
            )
        }
    }

    /// The columns of each index that tells rows apart by itself and that the stream may name rows by.
    private static func identities(
        _ names: Parameters,
        _ connection: borrowing Connection,
        _ deadline: Deadline
    ) throws(PostgresError) -> [[String]] {
        let answer = try connection.execute(
            """
            select i.indexrelid, a.attname
            from pg_catalog.pg_index i
            cross join unnest(i.indkey) with ordinality k(number, place)
            join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
            where i.indrelid = (select c.oid \(relation)) and k.place <= i.indnkeyatts
                and (i.indisprimary or i.indisreplident) and i.indisunique and i.indisvalid
                and i.indpred is null and i.indexprs is null
            order by i.indexrelid, k.place
            """,
            names,
            deadline: deadline
        )
        var found: [Int64: [String]] = [:]
        for row in 0..<answer.rowCount {
            found[answer.integer(row, 0) ?? 0, default: []].append(answer.text(row, 1) ?? "")
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    private static func published(
        by publication: String,
        _ names: Parameters,
        _ connection: borrowing Connection,
        _ deadline: Deadline
    ) throws(PostgresError) -> Published {
        var parameters = names
        parameters.append(publication)
        let answer = try connection.execute(
            // The filter is a column of PostgreSQL 15 and later.
            """
            select to_jsonb(t) ->> 'rowfilter'
            from pg_catalog.pg_publication p join pg_catalog.pg_publication_tables t on t.pubname = p.pubname
            where t.schemaname = $1 and t.tablename = $2 and p.pubname = $3 and p.pubupdate and p.pubdelete
            """,
            parameters,
            deadline: deadline
        )
        return answer.rowCount == 1 ? .yes(filter: answer.text(0, 0)) : .no
    }
}
