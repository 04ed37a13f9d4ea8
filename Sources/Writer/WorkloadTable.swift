import History
import Postgres

/// A table that a workload writes: its columns, how it is made and filled, and by which statements it is written.
struct WorkloadTable: Sendable {
    /// Its name without the schema, as it stands in the history.
    let name: String
    /// The columns that it must have beside `id` and `current_value`.
    let furtherColumns: [SourceTable.Column]
    /// The type of `id`.
    let keyType: String

    /// Its name in SQL.
    var qualifiedName: String { "public.\(name)" }

    fileprivate init(_ name: String, keyType: String = "bigint", _ furtherColumns: [SourceTable.Column] = [])
    {
        (self.name, self.keyType, self.furtherColumns) = (name, keyType, furtherColumns)
    }

    /// The statements that make it.
    fileprivate var creation: [String] {
        let further = furtherColumns.map { ", \($0.name) \($0.type)\($0.isNotNull ? " not null" : "")" }
            .joined()
        let table = """
            create table if not exists \(qualifiedName) \
            (id \(keyType == "integer" ? "int" : keyType) primary key, current_value bigint not null\(further))
            """
        // Compressed, a body of repeated digits would be small: external storage makes it large for the stream too.
        let storage = "alter table \(qualifiedName) alter column body set storage external"
        return furtherColumns.contains { $0.name == "body" } ? [table, storage] : [table]
    }

    /// Inserts the rows $1...$2 that are not there, with the value that no writer ever writes.
    var fill: String {
        let columns = furtherColumns.map { ", \($0.name)" }.joined()
        let values = furtherColumns.map { $0.name == "amount" ? ", 1000" : ", ''" }.joined()
        return """
            insert into \(qualifiedName) (id, current_value\(columns))
            select id, 0\(values) from generate_series($1, $2) as id on conflict (id) do nothing
            """
    }
}

extension Workload {
    /// The statements that make what it writes, where that is not there.
    var creation: [String] {
        guard self == .outbox else { return table.creation }
        return table.creation + [
            """
            create table if not exists public.outbox (
                id uuid primary key default gen_random_uuid(), aggregatetype varchar(255) not null,
                aggregateid varchar(255) not null, type varchar(255) not null, payload jsonb not null)
            """
        ]
    }

    /// The table that it writes.
    var table: WorkloadTable {
        switch self {
        case .update, .outbox: return WorkloadTable(HistoryLine.defaultTable, keyType: "integer")
        case .mixed: return WorkloadTable("writer_mixed")
        case .transfer:
            return WorkloadTable("writer_transfer", [.init(name: "amount", type: "bigint")])
        case .wide: return WorkloadTable("writer_wide", [.init(name: "body", type: "text")])
        }
    }

    /// The statements that its attempts are made of, by the names under which a session prepares them.
    var statements: [(name: String, sql: String, types: [UInt32])] {
        let (name, int8) = (table.qualifiedName, TypeOID.int8)
        let update = (
            "update", "update \(name) set current_value = $1 where id = $2 and current_value = $3",
            [int8, int8, int8]
        )
        switch self {
        case .update: return [update]
        case .outbox:
            return [
                update,
                (
                    "event",
                    """
                    insert into public.outbox (id, aggregatetype, aggregateid, type, payload)
                    values ($1::uuid, 'debezium_table', $2, 'updated', $3::jsonb)
                    """, [TypeOID.text, TypeOID.text, TypeOID.text]
                ),
            ]
        case .mixed:
            return [
                update,
                ("insert", "insert into \(name) (id, current_value) values ($1, $1)", [int8]),
                ("delete", "delete from \(name) where id = $1 and current_value = $2", [int8, int8]),
                (
                    "move",
                    "update \(name) set id = $1, current_value = $1 where id = $2 and current_value = $3",
                    [int8, int8, int8]
                ),
            ]
        case .transfer:
            return [
                (
                    "transfer",
                    """
                    update \(name) set current_value = $1, amount = amount + $4
                    where id = $2 and current_value = $3
                    """, [int8, int8, int8, int8]
                )
            ]
        case .wide:
            return [
                update,
                (
                    "wide",
                    """
                    update \(name) set current_value = $1, body = repeat(lpad($1::text, 20, '0'), $4::int)
                    where id = $2 and current_value = $3
                    """, [int8, int8, int8, int8]
                ),
            ]
        }
    }

    /// What the user must be granted.
    var grants: String {
        switch self {
        case .update, .transfer, .wide: return "grant select, update on \(table.qualifiedName)"
        case .mixed: return "grant select, insert, update, delete on \(table.qualifiedName)"
        case .outbox: return "grant select, update on \(table.qualifiedName) and insert on public.outbox"
        }
    }
}
