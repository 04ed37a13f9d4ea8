import Postgres

/// The set-based statements of one table; each takes one array a column, whatever the number of rows.
enum TableStatements {
    /// The statement that writes rows that have these columns; `nil` where there is nothing to write.
    static func write(_ table: TableBatch, _ group: TableBatch.Group) -> String? {
        switch table.mode {
        case .insert: return insert(table.schema, columns: group.columns)
        case .upsert where group.keepsUnchanged: return change(table.schema, columns: group.columns)
        case .upsert where group.replaces, .ignore where group.replaces:
            return upsert(table.schema, columns: group.columns, replaces: true)
        case .ignore: return insertIgnoring(table.schema, columns: group.columns)
        case .upsert: return upsert(table.schema, columns: group.columns)
        case .update: return update(table.schema, columns: group.columns)
        }
    }

    /// `update … from unnest(…)` of rows that must all be there: division by zero if one is not.
    ///
    /// An error, because it must come before the COMMIT that is already under way.
    static func change(_ schema: TableSchema, columns: [Int]) -> String {
        let chosen = columns.map { schema.columns[$0] }
        let found =
            update(schema, columns: columns).map { "\($0) returning 1" }
            ?? "select 1 from \(schema.qualifiedName) as t, \(rows(chosen)) where \(match(chosen))"
        return "with found as (\(found)) select 1 / (count(*) = cardinality($1))::int from found"
    }

    /// `truncate`, of all tables at once, so that foreign keys among them are no obstacle.
    static func truncate(_ schemas: [TableSchema]) -> String {
        "truncate table \(schemas.map(\.qualifiedName).joined(separator: ", "))"
    }

    /// `insert … select … from unnest(…)`.
    static func insert(_ schema: TableSchema, columns: [Int]) -> String {
        let chosen = columns.map { schema.columns[$0] }
        let own = schema.softDelete
        let names = (chosen.map(\.name) + [own?.column].compactMap { $0 }).map { quotedIdentifier($0) }
            .joined(separator: ", ")
        let values = ([values(chosen)] + [own?.clear].compactMap { $0 }).joined(separator: ", ")
        let override = schema.columns.contains(where: \.isAlwaysIdentity) ? " overriding system value" : ""
        return "insert into \(schema.qualifiedName) (\(names))\(override) "
            + "select \(values) from \(rows(chosen))"
    }

    /// `insert … on conflict … do nothing`; without a key no unique constraint refuses a row.
    static func insertIgnoring(_ schema: TableSchema, columns: [Int]) -> String {
        let key = schema.keyColumns.map { quotedIdentifier($0.name) }.joined(separator: ", ")
        return "\(insert(schema, columns: columns)) on conflict \(key.isEmpty ? "" : "(\(key)) ")do nothing"
    }

    /// `insert … on conflict … do update`.
    ///
    /// - Parameter replaces: whether a row that is there gets the defaults of the columns that the new one lacks, as if it
    ///   had been deleted before.
    static func upsert(_ schema: TableSchema, columns: [Int], replaces: Bool = false) -> String {
        let key = schema.keyColumns.map { quotedIdentifier($0.name) }.joined(separator: ", ")
        let updated =
            replaces ? schema.columns.filter { !$0.isAlwaysIdentity } : columns.map { schema.columns[$0] }
        let names = updated.filter { !$0.isKey }.map(\.name) + [schema.softDelete?.column].compactMap { $0 }
        let updates = names.map { "\(quotedIdentifier($0)) = excluded.\(quotedIdentifier($0))" }
            .joined(separator: ", ")
        let action = updates.isEmpty ? "do nothing" : "do update set \(updates)"
        return "\(insert(schema, columns: columns)) on conflict (\(key)) \(action)"
    }

    /// `update … from unnest(…)` by the key; `nil` for rows of nothing but their key.
    static func update(_ schema: TableSchema, columns: [Int]) -> String? {
        let chosen = columns.map { schema.columns[$0] }
        let own = schema.softDelete.map { ["\(quotedIdentifier($0.column)) = \($0.clear)"] } ?? []
        let updates =
            (chosen.enumerated().filter { !$1.isKey }
            .map { "\(quotedIdentifier($1.name)) = \(value($0, $1))" } + own)
            .joined(separator: ", ")
        guard !updates.isEmpty else { return nil }
        return
            "update \(schema.qualifiedName) as t set \(updates) from \(rows(chosen)) where \(match(chosen))"
    }

    /// `update … from unnest(…)` of the key alone: the old key's columns come first, then the new key's.
    ///
    /// A row that has the new key already is left as it is.
    static func move(_ schema: TableSchema) -> String {
        let keys = Array(schema.keyColumns)
        let new = keys.enumerated().map {
            (name: quotedIdentifier($1.name), equality: $1.equality, value: value(keys.count + $0, $1))
        }
        let updates = new.map { "\($0.name) = \($0.value)" }.joined(separator: ", ")
        let taken = new.map { "n.\($0.name) \($0.equality) \($0.value)" }.joined(separator: " and ")
        return
            "update \(schema.qualifiedName) as t set \(updates) from \(rows(keys + keys)) where \(match(keys)) "
            + "and not exists (select from \(schema.qualifiedName) as n where \(taken))"
    }

    /// `delete … using unnest(…)` by the key, or the update that marks the rows.
    static func delete(_ schema: TableSchema) -> String {
        let key = Array(schema.keyColumns)
        if let own = schema.softDelete {
            return "update \(schema.qualifiedName) as t set \(quotedIdentifier(own.column)) = \(own.mark) "
                + "from \(rows(key)) where \(match(key)) and \(own.isClear(of: "t"))"
        }
        return "delete from \(schema.qualifiedName) as t using \(rows(key)) where \(match(key))"
    }

    /// Division by zero where two of the keys are equal for the server.
    static func tellKeysApart(_ schema: TableSchema) -> String {
        let key = Array(schema.keyColumns)
        let values = key.enumerated().map { index, column in
            guard case .server(let collation?) = column.keyEquality else { return value(index, column) }
            return "\(value(index, column)) collate \(collation)"
        }
        return "select 1 / (not exists (select from \(rows(key)) group by \(values.joined(separator: ", ")) "
            + "having count(*) > 1))::int"
    }

    /// Writes the cells of these slots as one array parameter a column.
    static func bind(_ batch: TableBatch, columns: [Int], slots: [Int], into parameters: inout Parameters) {
        for column in columns {
            let type = batch.schema.columns[column].type
            parameters.startArray(of: type.elementOID, array: type.arrayOID, count: slots.count)
            batch.withCells(ofColumn: column) { cells, bytes in
                for slot in slots {
                    switch cells[slot] {
                    case .absent, .null: parameters.elementNull()
                    case .text(let range): parameters.element(bytes[range])
                    case .integer(let value):
                        switch type {
                        case .smallint: parameters.element(Int16(truncatingIfNeeded: value))
                        case .integer, .date: parameters.element(Int32(truncatingIfNeeded: value))
                        case .boolean: parameters.element(value != 0)
                        case .bigint, .timestamp, .value: parameters.element(value)
                        }
                    }
                }
            }
            parameters.finishArray()
        }
    }

    /// The key columns among these, each equal to the row's.
    private static func match(_ columns: [Column]) -> String {
        columns.enumerated().filter { $1.isKey }
            .map { "t.\(quotedIdentifier($1.name)) \($1.equality) \(value($0, $1))" }
            .joined(separator: " and ")
    }

    /// `unnest($1, $2) as r(c0, c1)`.
    private static func rows(_ columns: [Column]) -> String {
        let arrays = columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
        let names = columns.indices.map { "c\($0)" }.joined(separator: ", ")
        return "unnest(\(arrays)) as r(\(names))"
    }

    private static func values(_ columns: [Column]) -> String {
        columns.enumerated().map { value($0, $1) }.joined(separator: ", ")
    }

    private static func value(_ index: Int, _ column: Column) -> String {
        switch column.type {
        case .value(_, let type?): return "r.c\(index)::\(type)"
        default: return "r.c\(index)"
        }
    }
}

extension ColumnType {
    var elementOID: UInt32 {
        switch self {
        case .smallint: return TypeOID.int2
        case .integer: return TypeOID.int4
        case .bigint: return TypeOID.int8
        case .boolean: return TypeOID.bool
        case .date: return TypeOID.date
        case .timestamp(_, let isZoned): return isZoned ? TypeOID.timestamptz : TypeOID.timestamp
        case .value: return TypeOID.text
        }
    }

    var arrayOID: UInt32 {
        switch self {
        case .smallint: return TypeOID.int2Array
        case .integer: return TypeOID.int4Array
        case .bigint: return TypeOID.int8Array
        case .boolean: return TypeOID.boolArray
        case .date: return TypeOID.dateArray
        case .timestamp(_, let isZoned): return isZoned ? TypeOID.timestamptzArray : TypeOID.timestampArray
        case .value: return TypeOID.textArray
        }
    }
}
