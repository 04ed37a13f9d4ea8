import Model
import Postgres

/// Reads destination tables from PostgreSQL's catalog.
enum TableCatalog {
    /// Looks a table up and checks that it has the key that the configured modes need.
    ///
    /// - Throws: `PostgresError` of the query. What is wrong with the table is the result's failure.
    static func schema(
        of name: String,
        modes: WriteModes,
        targets: TargetPolicy,
        on connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> Result<TableSchema, SinkError> {
        do throws(UnquotableText) {
            _ = try quotedPath(name)
        } catch {
            return .failure(.table(name, reason: error.reason))
        }
        let found = try TargetLookup.find(TargetName(name), targets, on: connection, deadline: deadline)
        guard let found else { return .failure(.missingTable(name)) }
        if let reason = targets.refusal(schema: found.schema, table: found.table, reaches: found.reaches) {
            return .failure(.forbiddenTable(name, reason: reason))
        }
        let identifier = found.quoted
        var parameters = Parameters()
        parameters.append(identifier)
        let columns = try connection.execute(columnQuery, parameters, deadline: deadline)
        let keys = try connection.execute(keyQuery, parameters, deadline: deadline)
        do throws(SinkError) {
            return .success(try build(name, identifier, modes, columns, keys))
        } catch {
            return .failure(error)
        }
    }

    /// Each column with its type and, for a type of an extension, the operator that says that two values are equal.
    ///
    /// The session finds only PostgreSQL's own by their names. A domain stands as its base type, with the modifier that the domain gives.
    private static let columnQuery = """
        with recursive resolved as (
            select a.attnum, a.attname, a.attgenerated, a.attidentity, format_type(a.atttypid, a.atttypmod) as declared,
                a.atttypid as type, a.atttypmod as modifier, a.attcollation as collation
            from pg_attribute a
            where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped
            union all
            select r.attnum, r.attname, r.attgenerated, r.attidentity, r.declared, t.typbasetype,
                case when r.modifier < 0 then t.typtypmod else r.modifier end, r.collation
            from resolved r
            join pg_type t on t.oid = r.type
            where t.typtype = 'd'
        )
        select r.attname, r.declared, r.attgenerated, t.typname, t.typtype,
            t.typnamespace = 'pg_catalog'::regnamespace, r.modifier::text, format_type(t.oid, -1),
            e.typname, e.typtype, e.typnamespace = 'pg_catalog'::regnamespace, r.attidentity,
            (select format('operator(%I.%s)', n.nspname, o.oprname)
            from pg_opclass c
            join pg_am m on m.oid = c.opcmethod and m.amname = 'btree'
            join pg_amop p on p.amopfamily = c.opcfamily and p.amopstrategy = 3
                and p.amoplefttype = c.opcintype and p.amoprighttype = c.opcintype
            join pg_operator o on o.oid = p.amopopr
            join pg_namespace n on n.oid = o.oprnamespace
            where c.opcintype = t.oid and c.opcdefault and t.typnamespace <> 'pg_catalog'::regnamespace),
            (select format('%I.%I', n.nspname, c.collname)
                from pg_collation c join pg_namespace n on n.oid = c.collnamespace
                where c.oid = r.collation and not c.collisdeterministic),
            (select relkind = 'v' from pg_class where oid = to_regclass($1))
        from resolved r
        join pg_type t on t.oid = r.type and t.typtype <> 'd'
        left join pg_type e on e.typarray = t.oid
        order by r.attnum
        """

    /// Unique indexes that ON CONFLICT can infer, whole, immediate, of plain columns, and those that are only deferrable;
    /// the primary key first.
    private static let keyQuery = """
        select i.indexrelid, i.indisprimary, a.attname, i.indimmediate
        from pg_index i
        cross join lateral unnest(i.indkey[0:i.indnkeyatts - 1]) with ordinality as k(attnum, ordinal)
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
        where i.indrelid = to_regclass($1) and i.indisunique and i.indisvalid
            and i.indpred is null and i.indexprs is null
        order by i.indisprimary desc, i.indexrelid, k.ordinal
        """

    private static func build(
        _ name: String,
        _ identifier: String,
        _ modes: WriteModes,
        _ columnRows: borrowing QueryResult,
        _ keyRows: borrowing QueryResult
    ) throws(SinkError) -> TableSchema {
        guard columnRows.rowCount > 0 else {
            throw .missingTable(name)
        }
        let names = (0..<columnRows.rowCount).map { columnRows.text($0, 0) ?? "" }
        // Exactly as configured first; where names are folded, one that folds to it.
        let keyFields = modes.keyFields.map { field in
            if names.holds(field) { return field }
            return names.first { modes.identifiers.name($0).isSame(as: field) } ?? field
        }
        let isView = columnRows.text(0, 14) == "t"
        let key: [String]
        switch modes.keyRequirement {
        case .none: key = []
        case .columns where !keyFields.isEmpty: key = keyFields
        // A view has the constraints of the table below, which ON CONFLICT finds when it is run.
        case .unique where isView && !keyFields.isEmpty: key = keyFields
        case .columns where isView, .unique where isView:
            throw .table(name, reason: "it is a view: name the key in primary.key.fields")
        case .columns, .unique:
            key = try self.key(name, keyFields, isUnique: modes.keyRequirement == .unique, keyRows)
        }
        var columns: [Column] = []
        var passedOver: [String] = []
        var uncarried: [UncarriedColumn] = []
        let softDelete = try softDelete(name, modes, columnRows)
        if let softDelete { passedOver.append(softDelete.column) }
        for row in 0..<columnRows.rowCount {
            let column = columnRows.text(row, 0) ?? ""
            let declared = columnRows.text(row, 1) ?? ""
            // A generated column can't be written; the server computes it.
            guard columnRows.text(row, 2) == "" else {
                passedOver.append(column)
                continue
            }
            if let softDelete, softDelete.column.isSame(as: column) { continue }
            let type = catalogType(columnRows, row)
            guard let columnType = ColumnType(type) else {
                guard !key.holds(column) else {
                    throw .table(
                        name,
                        reason: "column \(column) has type \(declared), which this version cannot carry"
                    )
                }
                // Records may leave it out.
                uncarried.append(UncarriedColumn(name: column, type: declared))
                continue
            }
            let equality = KeyEquality(type, columnType, collation: columnRows.text(row, 13))
            guard equality != nil || !key.holds(column) else {
                throw .table(
                    name,
                    reason:
                        "key column \(column) has type \(declared), which this version cannot carry in a key"
                )
            }
            let isAlwaysIdentity = columnRows.text(row, 11) == "a"
            guard !isAlwaysIdentity || modes.insertMode != .upsert || key.holds(column) else {
                throw .table(
                    name,
                    reason:
                        "column \(column) is generated always as identity and no part of the key, so the server "
                        + "lets no upsert change it; alter column \(column) set generated by default"
                )
            }
            columns.append(
                Column(
                    name: column,
                    type: columnType,
                    isKey: key.holds(column),
                    keyEquality: equality ?? .bytes,
                    isAlwaysIdentity: isAlwaysIdentity,
                    equality: columnRows.text(row, 12) ?? "="
                )
            )
        }
        let keyColumns = key.compactMap { name in columns.first { $0.name.isSame(as: name) } }
        if let missing = key.first(where: { name in !keyColumns.contains { $0.name.isSame(as: name) } }) {
            throw .table(name, reason: "it has no column \(missing), which primary.key.fields names")
        }
        return TableSchema(
            qualifiedName: identifier,
            columns: keyColumns + columns.filter { !$0.isKey },
            keyCount: keyColumns.count,
            identifiers: modes.identifiers,
            passedOver: passedOver,
            uncarried: uncarried,
            softDelete: softDelete
        )
    }

    /// The column that marks deleted rows, where the configuration has one.
    private static func softDelete(
        _ table: String,
        _ modes: WriteModes,
        _ rows: borrowing QueryResult
    ) throws(SinkError) -> SoftDelete? {
        guard let name = modes.softDeleteColumn else { return nil }
        for row in 0..<rows.rowCount where (rows.text(row, 0) ?? "").isSame(as: name) {
            switch (rows.text(row, 5), rows.text(row, 3)) {
            case ("t", "bool"): return SoftDelete(column: name, kind: .flag)
            case ("t", "timestamp"), ("t", "timestamptz"): return SoftDelete(column: name, kind: .moment)
            default:
                throw .table(
                    table,
                    reason: "column \(name), which delete.soft.column names, must be a boolean or a timestamp"
                )
            }
        }
        throw .table(
            table,
            reason:
                "it has no column \(name), which delete.soft.column names; add it: alter table … add column "
                + "\(quotedIdentifier(name).visible) boolean not null default false"
        )
    }

    private static func catalogType(_ rows: borrowing QueryResult, _ row: Int) -> CatalogType {
        let element = rows.text(row, 8).map { name in
            (name: name, kind: rows.text(row, 9) ?? "", isBuiltIn: rows.text(row, 10) == "t")
        }
        return CatalogType(
            name: rows.text(row, 3) ?? "",
            kind: rows.text(row, 4) ?? "",
            isBuiltIn: rows.text(row, 5) == "t",
            modifier: rows.text(row, 6).flatMap { Int($0) } ?? -1,
            sqlName: rows.text(row, 7) ?? "",
            element: element
        )
    }

    private static let noneDeferrable =
        "and on conflict takes none that is; make it not deferrable, or add a unique index"

    private static func key(
        _ name: String,
        _ keyFields: [String],
        isUnique: Bool,
        _ rows: borrowing QueryResult
    ) throws(SinkError) -> [String] {
        var indexes: [(oid: String, columns: [String])] = []
        var deferrable: [(oid: String, columns: [String])] = []
        for row in 0..<rows.rowCount {
            let oid = rows.text(row, 0) ?? ""
            let column = rows.text(row, 2) ?? ""
            if rows.text(row, 3) == "t" {
                if indexes.last?.oid != oid { indexes.append((oid, [])) }
                indexes[indexes.count - 1].columns.append(column)
            } else {
                if deferrable.last?.oid != oid { deferrable.append((oid, [])) }
                deferrable[deferrable.count - 1].columns.append(column)
            }
        }
        let hasPrimaryKey = rows.rowCount > 0 && rows.text(0, 1) == "t"
        if keyFields.isEmpty {
            guard hasPrimaryKey, rows.text(0, 3) != "t" || !indexes.isEmpty else {
                throw .table(
                    name,
                    reason: "it has no primary key; add one, or name the key in primary.key.fields"
                )
            }
            guard rows.text(0, 3) == "t" else {
                guard isUnique else { return deferrable[0].columns }
                throw .table(name, reason: "its primary key is deferrable, \(noneDeferrable)")
            }
            return indexes[0].columns
        }
        guard
            let index = indexes.first(where: {
                Set($0.columns.map { ExactText($0) }) == Set(keyFields.map { ExactText($0) })
            })
        else {
            if deferrable.contains(where: {
                Set($0.columns.map { ExactText($0) }) == Set(keyFields.map { ExactText($0) })
            }) {
                throw .table(
                    name,
                    reason:
                        "the constraint of \(keyFields.joined(separator: ", ")) is deferrable, \(noneDeferrable)"
                )
            }
            throw .table(
                name,
                reason: "no primary key or unique constraint has exactly the columns "
                    + "\(keyFields.joined(separator: ", ")) of primary.key.fields; upserts need one"
            )
        }
        return index.columns
    }
}
