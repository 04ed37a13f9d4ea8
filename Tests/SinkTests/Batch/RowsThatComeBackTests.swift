import ChangeEvents
import Testing

@testable import Sink

/// A row with its values by column; `nil` where the record lacks the column.
private func row(_ change: Row.Change, _ id: Int64, _ values: [Int64?] = [nil, nil]) -> Row {
    var row = Row(columnCount: 3)
    row.change = change
    row.cells = [.integer(id)] + values.map { value in value.map { .integer($0) } ?? .absent }
    return row
}

/// What a batch would write: the values of each written slot, whether it replaces an older row, and the deletes.
private func fold(
    _ rows: [Row],
    mode: InsertMode,
    softDelete: SoftDelete? = nil
) throws -> (written: [String], deletes: Int) {
    let schema = TableSchema(
        qualifiedName: "\"t\"",
        columns: [
            Column(name: "id", type: .integer, isKey: true), Column(name: "v", type: .bigint, isKey: false),
            Column(name: "w", type: .bigint, isKey: false),
        ],
        keyCount: 1,
        softDelete: softDelete
    )
    var batch = TableBatch(schema: schema, mode: mode, capacity: 4)
    for row in rows { try batch.fold(row) }
    let written = batch.upserts.flatMap { group in
        group.slots.map { slot in
            let cells = group.columns.map { column in
                batch.withCells(ofColumn: column) { cells, _ in
                    if case .integer(let value) = cells[slot] { "\(value)" } else { "-" }
                }
            }
            return cells.joined(separator: " ") + (group.replaces ? " new" : "")
        }
    }
    return (written, batch.deletedSlots.count)
}

/// Deletes and writes of one key in a batch: the result is that of one record after the other.
struct RowsThatComeBackTests {
    private let flag = SoftDelete(column: "gone", kind: .flag)

    @Test func `an incomplete row after a delete replaces the whole row`() throws {
        let delete = row(.delete, 1)
        #expect(try fold([delete, row(.upsert, 1, [7, nil])], mode: .upsert) == (["1 7 new"], 0))
        #expect(try fold([delete, row(.upsert, 1, [7, 8])], mode: .upsert) == (["1 7 8"], 0))
        let completed = [delete, row(.upsert, 1, [7, nil]), row(.upsert, 1, [nil, 8])]
        #expect(try fold(completed, mode: .upsert) == (["1 7 8 new"], 0))
        #expect(try fold(completed + [delete], mode: .upsert) == ([], 1))
        let other = [
            delete, row(.upsert, 1, [7, nil]), row(.upsert, 2, [1, nil]), row(.upsert, 3, [2, 3]),
        ]
        #expect(try fold(other, mode: .upsert) == (["1 7 new", "2 1", "3 2 3"], 0))
    }

    @Test func `the first row of a key stays where rows that are there are ignored`() throws {
        let rows = [row(.upsert, 1, [7, 8]), row(.upsert, 1, [9, 9]), row(.upsert, 2, [1, nil])]
        #expect(try fold(rows, mode: .ignore) == (["1 7 8", "2 1"], 0))
        #expect(try fold(rows + [row(.delete, 1)], mode: .ignore) == (["2 1"], 1))
    }

    @Test func `a row that was deleted first is not ignored`() throws {
        let rows = [row(.delete, 1), row(.upsert, 1, [7, 8]), row(.upsert, 1, [9, 9])]
        #expect(try fold(rows, mode: .ignore) == (["1 7 8 new"], 0))
        #expect(try fold([row(.upsert, 1, [1, 1])] + rows, mode: .ignore) == (["1 7 8 new"], 0))
    }

    @Test func `a row that is marked as deleted is written before`() throws {
        let (write, delete) = (row(.upsert, 1, [7, 8]), row(.delete, 1))
        #expect(try fold([write, delete, delete], mode: .upsert, softDelete: flag) == (["1 7 8"], 1))
        #expect(try fold([delete], mode: .upsert, softDelete: flag) == ([], 1))
        #expect(try fold([write, delete, write], mode: .upsert, softDelete: flag) == (["1 7 8"], 0))
        let later = [write, delete, row(.upsert, 1, [nil, 9])]
        #expect(try fold(later, mode: .upsert, softDelete: flag) == (["1 7 9"], 0))
    }

    @Test func `a marked row that comes back keeps what the record lacks, also in mode update`() throws {
        let rows = [row(.delete, 1), row(.upsert, 1, [7, nil])]
        #expect(try fold(rows, mode: .upsert, softDelete: flag) == (["1 7"], 0))
        #expect(try fold(rows, mode: .update, softDelete: flag) == (["1 7"], 0))
    }

    @Test func `a large value that did not change is still in a marked row`() throws {
        var unchanged = row(.upsert, 1, [7, nil])
        unchanged.unchanged = [2]
        #expect(try fold([row(.delete, 1), unchanged], mode: .upsert, softDelete: flag) == (["1 7"], 0))
        #expect(throws: DecodeError.self) { try fold([row(.delete, 1), unchanged], mode: .upsert) }
    }

    @Test func `a batch that is emptied forgets which rows came back`() throws {
        var batch = TableBatch(
            schema: TableSchema(
                qualifiedName: "\"t\"",
                columns: [
                    Column(name: "id", type: .integer, isKey: true),
                    Column(name: "v", type: .bigint, isKey: false),
                    Column(name: "w", type: .bigint, isKey: false),
                ],
                keyCount: 1
            ),
            mode: .upsert,
            capacity: 4
        )
        try batch.fold(row(.delete, 1))
        try batch.fold(row(.upsert, 1, [7, nil]))
        batch.removeAll()
        try batch.fold(row(.upsert, 1, [7, nil]))
        #expect(batch.upserts.map(\.replaces) == [false])
    }
}

/// The statements for rows that are ignored, replaced and marked.
struct SpecialStatementsTests {
    private func table(_ kind: SoftDelete.Kind? = nil, keyCount: Int = 1) -> TableSchema {
        TableSchema(
            qualifiedName: "\"t\"",
            columns: [
                Column(name: "id", type: .integer, isKey: keyCount > 0),
                Column(name: "v", type: .bigint, isKey: false),
                Column(name: "n", type: .bigint, isKey: false, isAlwaysIdentity: kind == nil),
            ],
            keyCount: keyCount,
            softDelete: kind.map { SoftDelete(column: "go\"ne", kind: $0) }
        )
    }

    @Test func `a conflict is ignored for the key alone, or for every constraint without one`() {
        #expect(
            TableStatements.insertIgnoring(table(), columns: [0, 1]).hasSuffix(
                #"on conflict ("id") do nothing"#
            )
        )
        #expect(
            TableStatements.insertIgnoring(table(keyCount: 0), columns: [0, 1])
                .hasSuffix("as r(c0, c1) on conflict do nothing")
        )
    }

    @Test func `a row that replaces another gives all columns the new row's values and defaults`() {
        #expect(
            TableStatements.upsert(table(.flag), columns: [0, 1], replaces: true)
                .hasSuffix(
                    #"do update set "v" = excluded."v", "n" = excluded."n", "go""ne" = excluded."go""ne""#
                )
        )
        // The server alone writes it.
        #expect(
            TableStatements.upsert(table(), columns: [0, 1], replaces: true)
                .hasSuffix(#"do update set "v" = excluded."v""#)
        )
    }

    @Test func `a delete marks its row once, and each write clears the mark`() {
        #expect(
            TableStatements.delete(table(.moment))
                == #"update "t" as t set "go""ne" = now() from unnest($1) as r(c0) "#
                + #"where t."id" = r.c0 and t."go""ne" is null"#
        )
        #expect(
            TableStatements.delete(table(.flag)).hasSuffix(
                #"= true from unnest($1) as r(c0) "#
                    + #"where t."id" = r.c0 and t."go""ne" is not true"#
            )
        )
        #expect(
            TableStatements.upsert(table(.flag), columns: [0, 1])
                == #"insert into "t" ("id", "v", "go""ne") select r.c0, r.c1, false from unnest($1, $2) as r(c0, c1) "#
                + #"on conflict ("id") do update set "v" = excluded."v", "go""ne" = excluded."go""ne""#
        )
        #expect(
            TableStatements.update(table(.moment), columns: [0])
                == #"update "t" as t set "go""ne" = null from unnest($1) as r(c0) where t."id" = r.c0"#
        )
        #expect(TableStatements.change(table(.moment), columns: [0]).contains(#"set "go""ne" = null"#))
    }
}
