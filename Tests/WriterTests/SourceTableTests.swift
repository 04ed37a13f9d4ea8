import Testing

@testable import Writer

@Suite struct SourceTableTests {
    static let id = SourceTable.Column(name: "id", type: "integer", hasDefault: false, isPrimaryKey: true)
    static let value = SourceTable.Column(name: "current_value", type: "bigint")

    @Test
    func `the table of the schema has no defect, in any order and with a further column that may be null`() {
        let note = SourceTable.Column(name: "note", type: "text", isNotNull: false)
        #expect(SourceTable(columns: [Self.id, Self.value]).defect == nil)
        #expect(SourceTable(columns: [Self.value, note, Self.id]).defect == nil)
    }

    @Test func `a defect names table, column, what is expected and what was found`() {
        var text = Self.value
        text.type = "text"
        #expect(
            SourceTable(columns: [Self.id, text]).defect
                == "table public.debezium_table, column current_value: expected bigint not null, found text"
        )
        var nullable = Self.value
        nullable.isNotNull = false
        #expect(
            SourceTable(columns: [Self.id, nullable]).defect?.hasSuffix("found bigint that may be null")
                == true
        )
        var plain = Self.id
        plain.isPrimaryKey = false
        #expect(
            SourceTable(columns: [plain, Self.value]).defect?.hasSuffix("found integer that is not the key")
                == true
        )
        #expect(SourceTable(columns: [Self.value]).defect?.hasSuffix("found no such column") == true)
        let must = SourceTable.Column(name: "other", type: "text")
        #expect(SourceTable(columns: [Self.id, Self.value, must]).defect?.contains("column other") == true)
        #expect(SourceTable(columns: []).defect?.contains("writer init") == true)
    }
}
