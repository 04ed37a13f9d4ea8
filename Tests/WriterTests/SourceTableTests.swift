import Testing

@testable import Writer

@Suite struct SourceTableTests {
    static let id = SourceTable.Column(name: "id", type: "integer", hasDefault: false, isPrimaryKey: true)
    static let value = SourceTable.Column(name: "current_value", type: "bigint")
    let table = Workload.update.table

    @Test
    func `the table of the schema has no defect, in any order and with a further column that may be null`() {
        let note = SourceTable.Column(name: "note", type: "text", isNotNull: false)
        #expect(SourceTable(columns: [Self.id, Self.value]).defect(in: table) == nil)
        #expect(SourceTable(columns: [Self.value, note, Self.id]).defect(in: table) == nil)
    }

    @Test func `a defect names table, column, what is expected and what was found`() {
        var text = Self.value
        text.type = "text"
        #expect(
            SourceTable(columns: [Self.id, text]).defect(in: table)
                == "table public.debezium_table, column current_value: expected bigint not null, found text"
        )
        var nullable = Self.value
        nullable.isNotNull = false
        #expect(
            SourceTable(columns: [Self.id, nullable]).defect(in: table)?.hasSuffix(
                "found bigint that may be null"
            )
                == true
        )
        var plain = Self.id
        plain.isPrimaryKey = false
        #expect(
            SourceTable(columns: [plain, Self.value]).defect(in: table)?.hasSuffix(
                "found integer that is not the key"
            )
                == true
        )
        #expect(
            SourceTable(columns: [Self.value]).defect(in: table)?.hasSuffix("found no such column") == true
        )
        let must = SourceTable.Column(name: "other", type: "text")
        #expect(
            SourceTable(columns: [Self.id, Self.value, must]).defect(in: table)?.contains("column other")
                == true
        )
        #expect(SourceTable(columns: []).defect(in: table)?.contains("writer init") == true)
    }

    @Test func `a workload's own table needs its further columns and a key of eight bytes`() {
        let transfer = Workload.transfer.table
        var key = Self.id
        key.type = "bigint"
        let amount = SourceTable.Column(name: "amount", type: "bigint")
        #expect(SourceTable(columns: [key, Self.value, amount]).defect(in: transfer) == nil)
        #expect(
            SourceTable(columns: [key, Self.value]).defect(in: transfer)
                == "table public.writer_transfer, column amount: expected bigint not null, found no such column"
        )
        #expect(
            SourceTable(columns: [Self.id, Self.value, amount]).defect(in: transfer)?
                .hasSuffix("found integer") == true
        )
    }

    @Test func `the first row that is missing is named`() {
        func contents(_ ids: Int64...) -> SourceTable.Contents {
            SourceTable.Contents(rows: ids.map { Row(id: $0, value: 0) }, largest: nil)
        }
        #expect(contents(0, 1, 2).firstMissing(of: 3) == nil)
        #expect(contents(0, 2, 3).firstMissing(of: 4) == 1)
        #expect(contents(0, 1).firstMissing(of: 4) == 2)
        #expect(contents().firstMissing(of: 1) == 0)
    }
}
