import Model
import Postgres

/// Finds the table that a name means.
enum TargetLookup {
    /// A table, partitioned table, view or foreign table of the catalog.
    struct Found: Equatable {
        var schema: String
        var table: String
        /// The programs' own tables that a write to it would reach.
        var reaches: [String] = []

        /// The name for a statement, complete: the session looks up nothing without a schema.
        var quoted: String { "\(quotedIdentifier(schema)).\(quotedIdentifier(table))" }
    }

    /// Without a schema the name is looked for in those in which the session's role looks names up, in their order.
    ///
    /// - Returns: `nil` where no such table is there, as far as this user can see.
    static func find(
        _ name: TargetName,
        _ targets: TargetPolicy,
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> Found? {
        var parameters = Parameters()
        parameters.append(name.table)
        parameters.append(targets.controlSchema)
        if let schema = name.schema { parameters.append(schema) }
        let schemas =
            name.schema == nil
            ? "unnest(\(SessionSettings.schemasExpression))" : "unnest(array[$3])"
        let rows = try connection.execute(query(schemas), parameters, deadline: deadline)
        guard rows.rowCount > 0, let schema = rows.text(0, 0), let table = rows.text(0, 1) else { return nil }
        let reached = (0..<rows.rowCount).compactMap { rows.text($0, 2) }
        return Found(schema: schema, table: table, reaches: reached)
    }

    /// One row for each own table that the found one leads to, or one without.
    ///
    /// A view leads to what its rules name; a partition or child of a table gets the table's rows.
    private static func query(_ schemas: String) -> String {
        """
        with recursive target as (
            select n.nspname, c.relname, c.oid
            from \(schemas) with ordinality as s(name, place)
            join pg_namespace n on n.nspname = s.name
            join pg_class c on c.relnamespace = n.oid and c.relname = $1 and c.relkind in ('r', 'p', 'v', 'f')
            where has_schema_privilege(n.oid, 'usage')
            order by s.place limit 1
        ), reached(oid) as (
            select oid from target
            union
            select next.oid
            from reached r
            cross join lateral (
                select d.refobjid as oid
                from pg_rewrite w
                join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
                    and d.refclassid = 'pg_class'::regclass
                where w.ev_class = r.oid
                union all
                select inhrelid from pg_inherits where inhparent = r.oid
            ) next
        )
        select t.nspname, t.relname, own.name
        from target t
        left join lateral (
            select format('%I.%I', n.nspname, c.relname) as name
            from reached r join pg_class c on c.oid = r.oid join pg_namespace n on n.oid = c.relnamespace
            where c.oid <> t.oid and c.relkind in ('r', 'p')
                and (n.nspname = $2 and $2 <> 'public'
                    or c.relname in (\(names)))
        ) own on true
        """
    }

    private static let names = [
        ControlTable.progressName, ControlTable.deadLettersName, ControlTable.guardName,
    ].map { "'\($0)'" }.joined(separator: ", ")
}
