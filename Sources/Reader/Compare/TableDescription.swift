import Model
import Postgres

/// What one side's catalog says about its table.
struct TableDescription: Sendable {
    struct Column: Sendable, Equatable {
        var name: String
        /// The type's name in `pg_type`; `nil` for types that are not PostgreSQL's own.
        var type: String?
        /// The type as SQL writes it, such as `numeric(10,2)`.
        var declaration: String
        /// Computed or numbered by the server: can't be assigned to by an UPDATE.
        var isComputed = false
        /// `generated always as (…)`: can't be inserted either.
        var isGenerated = false
    }

    /// Schema and name, quoted.
    var name: String
    var columns: [Column]
    /// Columns of the primary key, or else of the narrowest unique index without NULLs.
    var key: [String]
    /// Blocks of the table; `nil` where rows have no usable address (partitioned and foreign tables, views).
    var blockCount: Int?
    var encoding: String
    /// `server_version_num`.
    var version: Int
    var isStandby: Bool

    /// Reads it; the first statement of the snapshot.
    ///
    /// - Throws: `PostgresError`; one that says so where the table is not there.
    static func read(
        _ table: TableName,
        _ connection: borrowing Connection
    ) throws(PostgresError) -> TableDescription {
        var parameters = Parameters()
        parameters.append(table.bare)
        if let schema = table.schema { parameters.append(schema) }
        // A bare name is looked for where the role looks names up.
        let schemas =
            table.schema == nil ? "unnest(\(SessionSettings.schemasExpression))" : "unnest(array[$2])"
        let found = try connection.execute(
            """
            select format('%I.%I', n.nspname, c.relname), c.oid,
                case when c.relkind in ('r', 'm')
                    then pg_relation_size(c.oid) / current_setting('block_size')::int end,
                current_setting('server_encoding'), current_setting('server_version_num'),
                pg_is_in_recovery()
            from \(schemas) with ordinality as s(name, place)
            join pg_catalog.pg_namespace n on n.nspname = s.name
            join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = $1
            where c.relkind in ('r', 'p', 'v', 'm', 'f')
            order by s.place limit 1
            """,
            parameters,
            deadline: .after(.seconds(30))
        )
        guard found.rowCount == 1, let name = found.text(0, 0), let oid = found.integer(0, 1) else {
            throw PostgresError(
                code: .unexpected,
                message: "there is no table \(table)",
                server: connection.server
            )
        }
        return TableDescription(
            name: name,
            columns: try columns(oid, connection),
            key: try key(oid, connection),
            blockCount: found.integer(0, 2).map { Int($0) },
            encoding: found.text(0, 3) ?? "",
            version: Int(found.integer(0, 4) ?? 0),
            isStandby: found.text(0, 5) == "t"
        )
    }

    private static func columns(
        _ oid: Int64,
        _ connection: borrowing Connection
    ) throws(PostgresError) -> [Column] {
        let result = try connection.execute(
            """
            select a.attname, case when t.typnamespace = 'pg_catalog'::regnamespace then t.typname end,
                format_type(a.atttypid, a.atttypmod), a.attgenerated <> '' or a.attidentity = 'a',
                a.attgenerated <> ''
            from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
            where a.attrelid = \(oid) and a.attnum > 0 and not a.attisdropped order by a.attnum
            """,
            deadline: .after(.seconds(30))
        )
        return (0..<result.rowCount).map { row in
            Column(
                name: result.text(row, 0) ?? "",
                type: result.text(row, 1),
                declaration: result.text(row, 2) ?? "",
                isComputed: result.text(row, 3) == "t",
                isGenerated: result.text(row, 4) == "t"
            )
        }
    }

    private static func key(
        _ oid: Int64,
        _ connection: borrowing Connection
    ) throws(PostgresError) -> [String] {
        let result = try connection.execute(
            """
            with candidate as (
                select i.indkey::int2[] as columns, i.indnkeyatts as width
                from pg_catalog.pg_index i
                where i.indrelid = \(oid) and i.indisunique and i.indisvalid and i.indpred is null
                    and i.indexprs is null and not exists (
                        select from unnest(i.indkey::int2[]) with ordinality k(number, place)
                        join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
                        where k.place <= i.indnkeyatts and not a.attnotnull)
                order by i.indisprimary desc, i.indnkeyatts, i.indexrelid limit 1)
            select a.attname from candidate, unnest(columns) with ordinality k(number, place)
            join pg_catalog.pg_attribute a on a.attrelid = \(oid) and a.attnum = k.number
            where k.place <= width order by k.place
            """,
            deadline: .after(.seconds(30))
        )
        return (0..<result.rowCount).compactMap { result.text($0, 0) }
    }
}
