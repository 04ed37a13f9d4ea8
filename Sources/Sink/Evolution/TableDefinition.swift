import Postgres

/// The statements that make a table fit the schema of a record, as text.
struct TableDefinition {
    /// The table as the configuration names it.
    let name: String
    /// How the catalog has it, quoted; `nil` where it is not there yet.
    let quotedName: String?
    let modes: WriteModes

    init(name: String, quotedName: String? = nil, modes: WriteModes) {
        (self.name, self.quotedName, self.modes) = (name, quotedName, modes)
    }

    /// `create table if not exists` with the key that the configuration asks for.
    ///
    /// - Throws: `SinkError.table` for a column without a known type, or a key that the record does not give.
    func creating(_ schema: RecordSchema) throws(SinkError) -> String {
        let keys = try keyColumns(schema)
        let own = modes.softDeleteColumn
        let rest = schema.row.filter { field in
            let name = column(named: field)
            return !keys.contains { $0.name.isSame(as: name) } && !(own ?? "").isSame(as: name)
        }
        guard !keys.isEmpty || !rest.isEmpty else { throw refusal("the record's schema has no fields") }
        var lines = keys.map { "\(quotedIdentifier($0.name)) \($0.type) not null" }
        for field in rest {
            lines.append(try column(field) + (field.isOptional ? "" : " not null") + fallback(field))
        }
        if let own { lines.append("\(quotedIdentifier(own)) boolean not null default false") }
        try checkNames(keys.map(\.name) + rest.map { column(named: $0) } + [own].compactMap { $0 })
        if !keys.isEmpty {
            lines.append("primary key (\(keys.map { quotedIdentifier($0.name) }.joined(separator: ", ")))")
        }
        return "create table if not exists \(try path()) (\(lines.joined(separator: ", ")))"
    }

    /// One `alter table` with all columns that are missing.
    ///
    /// - Throws: `SinkError.table` for a column without a known type, or one that rows must have and the rows
    ///   that are there would not.
    func adding(_ fields: [ConnectField]) throws(SinkError) -> String {
        var actions: [String] = []
        for field in fields {
            let written = fallback(field)
            let fallback = Self.isEpoch(written) ? "" : written
            guard field.isOptional || !fallback.isEmpty else {
                throw refusal(
                    "column \(column(named: field)) is new and required, and its schema has no default that the "
                        + "column takes, so the rows that are there would have no value; add the column by hand"
                )
            }
            let required = field.isOptional ? "" : " not null"
            actions.append("add column if not exists \(try column(field))\(required)\(fallback)")
        }
        try checkNames(fields.map { column(named: $0) })
        return "alter table \(try path()) \(actions.joined(separator: ", "))"
    }

    private func column(named field: ConnectField) -> String { modes.identifiers.name(field.name) }

    private func path() throws(SinkError) -> String {
        if let quotedName { return quotedName }
        do throws(UnquotableText) {
            return try quotedPath(name)
        } catch {
            throw refusal(error.reason)
        }
    }

    private func column(_ field: ConnectField) throws(SinkError) -> String {
        "\(quotedIdentifier(column(named: field))) \(try type(field))"
    }

    private func type(_ field: ConnectField) throws(SinkError) -> String {
        if let type = ColumnTypeName.sql(for: field) { return type }
        let source = field.parameters["__debezium.source.column.type"].map { " of source type \($0)" } ?? ""
        throw refusal(
            "column \(column(named: field)) has Connect type \(field.semantic ?? field.type)\(source), for "
                + "which no column type is known; make the column by hand"
        )
    }

    /// The schema's default as a clause, where it is a literal that means the same in SQL.
    private func fallback(_ field: ConnectField) -> String {
        guard let type = ColumnTypeName.sql(for: field) else { return "" }
        return DefaultLiteral.sql(field, as: type).map { " default \($0)" } ?? ""
    }

    /// Whether a default may stand for one that is a function's, such as `now()`: Debezium writes the epoch for those, and the
    /// rows that are there would be told to be from 1970.
    private static func isEpoch(_ clause: String) -> Bool {
        [
            " default '1970-01-01'::date", " default '1970-01-01 00:00:00'::",
            " default '1970-01-01 00:00:00+00'::",
        ]
        .contains { clause.begins(with: $0) }
    }

    private func keyColumns(_ schema: RecordSchema) throws(SinkError) -> [(name: String, type: String)] {
        let wanted = modes.keyFields
        switch modes.keyMode {
        case .none: return []
        case .kafka: return zip(wanted, ["text", "integer", "bigint"]).map { (name: $0, type: $1) }
        case .recordHeader:
            throw refusal("headers have no schema to make key columns from; create the table by hand")
        case .recordValue:
            guard !wanted.isEmpty else {
                throw refusal("primary.key.mode record_value makes no key without primary.key.fields")
            }
            return try chosen(wanted, from: schema.row, "value")
        case .recordKey:
            guard let key = schema.key else {
                throw refusal("the record's key has no schema; \(Self.schemasNeeded)")
            }
            guard key.type != "struct" else { return try chosen(wanted, from: key.fields, "key") }
            guard let name = wanted.first, wanted.count == 1 else {
                throw refusal("the record's key is one value; name its column in primary.key.fields")
            }
            return [(name: name, type: try type(key.named(name)))]
        }
    }

    private func chosen(
        _ wanted: [String],
        from fields: [ConnectField],
        _ part: String
    ) throws(SinkError) -> [(name: String, type: String)] {
        var columns: [(name: String, type: String)] = []
        for name in wanted.isEmpty ? fields.map({ column(named: $0) }) : wanted {
            guard let field = fields.first(where: { column(named: $0).isSame(as: name) }) else {
                throw refusal("the record's \(part) has no field \(name), which primary.key.fields names")
            }
            columns.append((name: name, type: try type(field)))
        }
        return columns
    }

    private func checkNames(_ names: [String]) throws(SinkError) {
        var seen: Set<ExactText> = []
        for name in names {
            do throws(UnquotableText) {
                try checkIdentifier(name)
            } catch {
                throw refusal(error.reason)
            }
            guard seen.insert(ExactText(name)).inserted else {
                throw refusal(
                    "two fields of the record would be column \(name): names are read in lower case"
                )
            }
        }
    }

    private func refusal(_ reason: String) -> SinkError { .table(name, reason: reason) }

    /// What to do where records come without schemas.
    static let schemasNeeded =
        "schema.evolution makes tables and columns from the schemas in the records, so set "
        + "key.converter.schemas.enable and value.converter.schemas.enable to true at the source connector, or "
        + "create the table by hand"
}

extension ConnectField {
    fileprivate func named(_ name: String) -> ConnectField {
        var field = self
        field.name = name
        return field
    }
}
