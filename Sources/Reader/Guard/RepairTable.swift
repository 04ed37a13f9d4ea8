import Postgres

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

    /// What the stream has of the table.
    enum Published: Sendable, Equatable {
        case no
        /// - Parameter filter: the publication's own expression for the rows that it has; `nil` where it has all.
        case yes(filter: String?)
    }

    var table: DeadEvent.Table
    var columns: [Column]
    /// The columns of the primary key, and those of the index that is the replica identity, where it is another one.
    var identities: [[String]] = []
    var published = Published.no
    /// Its rows lie in partitions.
    var isPartitioned = false
    /// A statement would run triggers that people have made.
    var hasTriggers = false

    /// Types whose value stands in a record's key as PostgreSQL writes it; the others are encoded by Debezium.
    private static let plainKeys: Set<String> = [
        "int2", "int4", "int8", "oid", "bool", "text", "varchar", "bpchar", "name", "uuid", "citext", "inet",
        "cidr", "macaddr",
    ]

    /// The name that the table has in its statements.
    private static let alias = quotedIdentifier("r")

    /// The table's own rows: a table that inherits from it has a topic of its own.
    private var target: String {
        let name = "\(quotedIdentifier(table.schema)).\(quotedIdentifier(table.name))"
        return isPartitioned ? name : "only \(name)"
    }

    private var filter: String? {
        if case .yes(let filter) = published { filter } else { nil }
    }

    /// Whether the publication has some of its rows only.
    var isFiltered: Bool { filter != nil }

    /// Why no row of it is written; `nil` where rows can be.
    ///
    /// What a topic says is taken for a hint, never for an order: anybody who can write to Kafka may have written it.
    var refusal: String? {
        if columns.isEmpty { return "the table is not on the leader" }
        if published == .no {
            return "the publication does not have the table, or none of its updates and deletes"
        }
        if hasTriggers {
            return "its triggers would run, and may change more than this row: let the guard's user set "
                + "session_replication_role (grant set on parameter …, PostgreSQL 15), or write the row by hand"
        }
        return nil
    }

    /// Why rows of this key can't be named in SQL; `nil` where they can.
    func refusal(of key: [DeadEvent.KeyPart]) -> String? {
        if let refusal { return refusal }
        if key.isEmpty { return "the record has no key" }
        for part in key {
            guard let column = column(part.column) else {
                return "the table has no column \(part.column)"
            }
            guard Self.plainKeys.contains(column.base) || column.category == "E" else {
                return "a key of type \(column.type) does not stand in the record as SQL writes it"
            }
            guard part.text != nil else { return "the key has no value for \(part.column)" }
        }
        guard identities.contains(where: { Self.isSame($0, key.map(\.column)) }) else {
            return "the record's key is neither the table's primary key nor its replica identity"
        }
        return nil
    }

    /// Whether two lists have the same names, in any order.
    private static func isSame(_ left: [String], _ right: [String]) -> Bool {
        func sorted(_ names: [String]) -> [[UInt8]] {
            names.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
        }
        return sorted(left) == sorted(right)
    }

    private func column(_ name: String) -> Column? { columns.first { $0.name.isSame(as: name) } }

    /// `where` with a parameter of type text for each part of the key.
    private func condition(_ key: [DeadEvent.KeyPart], isFiltered: Bool = false) -> String {
        let parts = key.enumerated().map { number, part in
            "\(quotedIdentifier(part.column)) = \(cast(number + 1, part.column))"
        }
        return (parts + (isFiltered ? [filter].compactMap(\.self).map { "(\($0))" } : []))
            .joined(separator: " and ")
    }

    private func cast(_ number: Int, _ name: String) -> String {
        "$\(number)::text::\(column(name)?.type ?? "text")"
    }

    /// Writes the row as it is, so that an event with all its values follows.
    ///
    /// A value that is stored outside of the row stays there as long as an update sets it to itself, and then the event
    /// does not have it; a cast that changes nothing is no more than that. A row that is taken as one value has all of
    /// its values inside, byte by byte the same, and what is picked out of that is stored anew: so it works for every
    /// type, without a function of the type's, whose settings could change it. `coalesce` keeps the planner from seeing
    /// that the column alone would do.
    /// `nil` where no column can be set.
    func touch(_ key: [DeadEvent.KeyPart]) -> String? {
        let settable = columns.filter { !$0.isFixed }
        // A generated value is computed anew only when a column that it depends on is set.
        let isAllSet = columns.contains { $0.isGenerated && $0.isToasted }
        var set = isAllSet ? settable : settable.filter(\.isToasted)
        if set.isEmpty { set = Array(settable.prefix(1)) }
        guard !set.isEmpty else { return nil }
        let assignments = set.map { column in
            let name = quotedIdentifier(column.name)
            let row = "coalesce(\(Self.alias).*, \(Self.alias).*)"
            return column.isToasted ? "\(name) = (\(row)).\(name)" : "\(name) = \(Self.alias).\(name)"
        }
        return "update \(target) as \(Self.alias) set \(assignments.joined(separator: ", ")) "
            + "where \(condition(key, isFiltered: true))"
    }

    /// Tells whether the row is there.
    func find(_ key: [DeadEvent.KeyPart]) -> String {
        "select from \(target) where \(condition(key))"
    }

    /// Inserts a row of the key with neutral values; the statement after it deletes it again.
    func insert(_ key: [DeadEvent.KeyPart]) -> String {
        var names = key.map { quotedIdentifier($0.column) }
        var values = key.enumerated().map { cast($0.offset + 1, $0.element.column) }
        for column in columns where column.isRequired && !column.isGenerated {
            guard !key.contains(where: { $0.column.isSame(as: column.name) }) else { continue }
            names.append(quotedIdentifier(column.name))
            values.append(Self.neutral(column))
        }
        let name = "\(quotedIdentifier(table.schema)).\(quotedIdentifier(table.name))"
        return "insert into \(name) (\(names.joined(separator: ", "))) overriding system value "
            + "values (\(values.joined(separator: ", "))) on conflict do nothing"
    }

    /// Deletes it, if the publication has the row: else no event would follow.
    func delete(_ key: [DeadEvent.KeyPart]) -> String {
        "delete from \(target) where \(condition(key, isFiltered: true))"
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
}
