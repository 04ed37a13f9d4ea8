import Model
import Postgres

/// Reads from the catalog what decides the order of tables: foreign keys and unique constraints.
enum TableReferences {
    /// Sorts the tables of a batch.
    ///
    /// Deletes may wait only where no write of the batch can meet a row that is to be deleted: the key is the
    /// only unique value, and it has one change in a batch.
    static func order(
        of tables: [TableBatch],
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> TableOrder {
        var parameters = Parameters()
        parameters.startArray(of: TypeOID.text, array: TypeOID.textArray, count: tables.count)
        for table in tables { parameters.element(table.schema.qualifiedName) }
        parameters.finishArray()
        let keys = try connection.execute(referenceQuery, parameters, deadline: deadline)
        var references: Set<TableOrder.Reference> = []
        for row in 0..<keys.rowCount {
            guard let child = keys.integer(row, 0), let parent = keys.integer(row, 1) else { continue }
            references.insert(.init(child: Int(child) - 1, parent: Int(parent) - 1))
        }
        let uniques = try connection.execute(uniqueQuery, parameters, deadline: deadline)
        var deletesEarly: Set<Int> = []
        for row in 0..<uniques.rowCount {
            guard let ordinal = uniques.integer(row, 0), let count = uniques.integer(row, 1) else { continue }
            let table = Int(ordinal) - 1
            if tables[table].mode != .upsert || count > 1 || !tables[table].schema.hasExactKey {
                deletesEarly.insert(table)
            }
        }
        var order = TableOrder(count: tables.count, references: references, deletesEarly: deletesEarly)
        let movable = try connection.execute(movableQuery, parameters, deadline: deadline)
        for row in 0..<movable.rowCount {
            guard let ordinal = movable.integer(row, 0) else { continue }
            if tables[Int(ordinal) - 1].mode.changesRows { order.movesKeys.insert(Int(ordinal) - 1) }
        }
        let deferrable = try connection.execute(deferrableQuery, parameters, deadline: deadline)
        order.hasDeferrable = deferrable.text(0, 0) == "t"
        return order
    }

    /// The table itself, those that its rows refer to, and those whose rows refer to it.
    static func relatives(
        of qualifiedName: String,
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> [TargetName] {
        var parameters = Parameters()
        parameters.append(qualifiedName)
        let rows = try connection.execute(relativeQuery, parameters, deadline: deadline)
        return (0..<rows.rowCount).compactMap { row in
            guard let schema = rows.text(row, 0), let table = rows.text(row, 1) else { return nil }
            return TargetName(schema: schema, table: table)
        }
    }

    private static let relativeQuery = """
        select n.nspname, c.relname
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
        where c.oid = to_regclass($1)
            or c.oid in (select confrelid from pg_constraint where contype = 'f' and conrelid = to_regclass($1))
            or c.oid in (select conrelid from pg_constraint where contype = 'f' and confrelid = to_regclass($1))
        """

    private static let referenceQuery = """
        select c.place, p.place
        from pg_constraint f
        join unnest($1) with ordinality as c(name, place) on f.conrelid = to_regclass(c.name)
        join unnest($1) with ordinality as p(name, place) on f.confrelid = to_regclass(p.name)
        where f.contype = 'f'
        """

    /// Tables whose keys may be updated: rows that refer to one follow it, and the server lets it be written.
    private static let movableQuery = """
        select n.place
        from unnest($1) with ordinality as n(name, place)
        where not exists (
                select from pg_constraint f
                where f.contype = 'f' and f.confrelid = to_regclass(n.name) and f.confupdtype <> 'c')
            and not exists (
                select from pg_attribute a where a.attrelid = to_regclass(n.name) and a.attidentity = 'a')
        """

    private static let deferrableQuery = """
        select exists (
            select from pg_constraint c join unnest($1) as n(name) on c.conrelid = to_regclass(n.name)
            where c.condeferrable)
        """

    private static let uniqueQuery = """
        select n.place, count(i.indexrelid)
        from unnest($1) with ordinality as n(name, place)
        left join pg_index i on i.indrelid = to_regclass(n.name) and (i.indisunique or i.indisexclusion)
        group by n.place
        """
}

extension TableSchema {
    /// Whether keys are equal for the server only if their bytes are: not so for citext, numeric and others.
    fileprivate var hasExactKey: Bool {
        keyColumns.allSatisfy { [.smallint, .integer, .bigint].contains($0.type) }
    }
}
