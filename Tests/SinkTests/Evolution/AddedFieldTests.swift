import ChangeEvents
import Testing

@testable import Sink

/// Fields that `ExtractNewRecordState` adds to a row, and the table has no columns for.
struct AddedFieldTests {
    private let table = TableSchema(
        qualifiedName: "\"t\"",
        columns: [Column(name: "id", type: .integer, isKey: true)],
        keyCount: 1
    )
    private let bare = #"{"id":1,"__op":"c"}"#

    private func problem(_ value: String, addsColumns: Bool) -> String? {
        var modes = WriteModes()
        modes.keyMode = .recordValue
        modes.evolution.addsColumns = addsColumns
        var decoder = RecordDecoder(table: table, modes: modes)
        var row = Row(columnCount: 1)
        let bytes = Array(value.utf8)
        do throws(DecodeError) {
            _ = try decoder.decode(
                key: nil,
                value: bytes.span.bytes,
                context: RecordContext(topic: "t"),
                into: &row
            )
            return nil
        } catch {
            return error.reason
        }
    }

    private var described: String {
        let fields = #"{"type":"int32","field":"id"},{"type":"string","field":"__op"}"#
        return #"{"schema":{"type":"struct","fields":[\#(fields)]},"payload":\#(bare)}"#
    }

    @Test func `they are passed over where columns are not added, or cannot be`() {
        #expect(problem(described, addsColumns: false) == nil)
        #expect(problem(bare, addsColumns: true) == nil)
    }

    @Test func `they are missing columns where their schema tells what to add`() {
        #expect(problem(described, addsColumns: true)?.contains("column __op is not in table") == true)
    }
}
