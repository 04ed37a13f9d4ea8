import Shared

/// A table whose rows are put right, as the leader's catalog describes it.
struct RepairTable: Sendable, Equatable {
    struct Column: Sendable, Equatable {
        var name: String
        /// The type as SQL spells it, such as `character varying(20)`.
        var type: String
        /// The base type's name in the catalog, such as `int4`.
        var base: String
        /// PostgreSQL's category of the type, such as `N` for numbers.
        var category: String
        var isRequired: Bool
        /// A value of it may be stored outside of the row.
        var isToasted: Bool
        /// It can't be set: generated, or an identity that is always generated.
        var isFixed: Bool
        /// It is computed from others.
        var isGenerated: Bool
    }

    var table: DeadEvent.Table
    var columns: [Column]

    /// Types whose value stands in a record's key as PostgreSQL writes it; the others are encoded by Debezium.
    private static let plainKeys: Set<String> = [
        "int2", "int4", "int8", "oid", "bool", "text", "varchar", "bpchar", "name", "uuid", "citext", "inet",
        "cidr", "macaddr",
    ]

    var quoted: String { "\(quotedIdentifier(table.schema)).\(quotedIdentifier(table.name))" }

    /// Why rows of this key can't be named in SQL; `nil` where they can.
    func refusal(of key: [DeadEvent.KeyPart]) -> String? {
        if columns.isEmpty { return "the table is not on the leader" }
        if key.isEmpty { return "the record has no key" }
        for part in key {
            guard let column = columns.first(where: { $0.name == part.column }) else {
                return "the table has no column \(part.column)"
            }
            guard Self.plainKeys.contains(column.base) || column.category == "E" else {
                return "a key of type \(column.type) does not stand in the record as SQL writes it"
            }
            guard part.text != nil else { return "the key has no value for \(part.column)" }
        }
        return nil
    }

    /// `where` with a parameter of type text for each part of the key.
    private func condition(_ key: [DeadEvent.KeyPart]) -> String {
        key.enumerated().map { number, part in
            "\(quotedIdentifier(part.column)) = \(cast(number + 1, part.column))"
        }.joined(separator: " and ")
    }

    private func cast(_ number: Int, _ name: String) -> String {
        "$\(number)::text::\(columns.first { $0.name == name }?.type ?? "text")"
    }

    /// Writes the row as it is, so that an event with all its values follows.
    ///
    /// A value that is stored outside of the row is written anew: left as it is, the event would not have it.
    /// `nil` where no column can be set.
    func touch(_ key: [DeadEvent.KeyPart]) -> String? {
        guard let first = columns.first(where: { !$0.isFixed }) else { return nil }
        var settings = columns.filter { $0.isToasted && !$0.isFixed }.map {
            "\(quotedIdentifier($0.name)) = (\(quotedIdentifier($0.name))::text)::\($0.type)"
        }
        if settings.isEmpty {
            settings = ["\(quotedIdentifier(first.name)) = \(quotedIdentifier(first.name))"]
        }
        return "update \(quoted) set \(settings.joined(separator: ", ")) where \(condition(key))"
    }

    /// Inserts a row of the key with neutral values; the statement behind it deletes it again.
    func insert(_ key: [DeadEvent.KeyPart]) -> String {
        var names = key.map { quotedIdentifier($0.column) }
        var values = key.enumerated().map { cast($0.offset + 1, $0.element.column) }
        for column in columns where column.isRequired && !column.isGenerated {
            guard !key.contains(where: { $0.column == column.name }) else { continue }
            names.append(quotedIdentifier(column.name))
            values.append(Self.neutral(column))
        }
        return "insert into \(quoted) (\(names.joined(separator: ", "))) overriding system value "
            + "values (\(values.joined(separator: ", "))) on conflict do nothing"
    }

    func delete(_ key: [DeadEvent.KeyPart]) -> String {
        "delete from \(quoted) where \(condition(key))"
    }

    private static func neutral(_ column: Column) -> String {
        let text: String
        switch (column.category, column.base) {
        case ("E", _): return "enum_first(null::\(column.type))"
        case (_, "json"), (_, "jsonb"), ("A", _): text = "{}"
        case (_, "uuid"): text = "00000000-0000-0000-0000-000000000000"
        case (_, "time"), (_, "timetz"): text = "00:00"
        case ("D", _): text = "epoch"
        case ("N", _), ("T", _): text = "0"
        case ("B", _): text = "false"
        case ("I", _): text = "0.0.0.0"
        case ("R", _): text = "empty"
        default: text = ""
        }
        return "'\(text)'::\(column.type)"
    }

    /// Reads the catalog; a table that is not there has no columns.
    static func load(
        _ table: DeadEvent.Table,
        _ connection: borrowing Connection,
        deadline: Deadline
    ) throws(PostgresError) -> RepairTable {
        var parameters = Parameters()
        parameters.append(table.schema)
        parameters.append(table.name)
        let answer = try connection.execute(
            """
            select a.attname, format_type(a.atttypid, a.atttypmod), b.typname, t.typcategory,
                (a.attnotnull and not a.atthasdef and a.attidentity = '')::int,
                (a.attlen = -1 and a.attstorage <> 'p')::int,
                (a.attgenerated <> '' or a.attidentity = 'a')::int, (a.attgenerated <> '')::int
            from pg_catalog.pg_attribute a
            join pg_catalog.pg_class c on c.oid = a.attrelid
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            join pg_catalog.pg_type t on t.oid = a.atttypid
            join pg_catalog.pg_type b on b.oid = case t.typtype when 'd' then t.typbasetype else t.oid end
            where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped
            order by a.attnum
            """,
            parameters,
            deadline: deadline
        )
        let columns = (0..<answer.rowCount).map { row in
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
        return RepairTable(table: table, columns: columns)
    }
}
