import ChangeEvents

/// Which fields of records a table takes: `field.include.list` and `field.exclude.list`, for a topic's table.
struct WrittenFields {
    let filter: FieldFilter
    private let topic: String
    /// By column, whether the filter lets a value through; empty where it lets all through.
    private let isWritten: [Bool]
    /// Names, as they stand in records, of fields without a column that are passed over.
    private var leftOut: [[UInt8]] = []

    init(_ filter: FieldFilter, of topic: String, in table: TableSchema) {
        (self.filter, self.topic) = (filter, topic)
        isWritten =
            filter.isEmpty ? [] : table.columns.map { $0.isKey || filter.passes($0.name, of: topic) }
    }

    /// Whether a column is written from what a record has for it.
    func takes(_ index: Int) -> Bool { isWritten.isEmpty || isWritten[index] }

    /// Whether a field was passed over before.
    func knows(_ name: JSONScanner.Text, _ scanner: borrowing JSONScanner) -> Bool {
        !leftOut.isEmpty && leftOut.contains { scanner.matches(name, $0) }
    }

    /// Whether a field that no column is written from is passed over: the filter leaves it out, or the table has its own use
    /// for the column.
    mutating func passOver(
        _ name: JSONScanner.Text,
        _ scanner: borrowing JSONScanner,
        _ table: TableSchema
    ) throws(DecodeError) -> Bool {
        guard !filter.isEmpty || !table.passedOver.isEmpty else { return false }
        let field = try scanner.value(of: name)
        guard table.passesOver(field) || !filter.passes(field, of: topic) else { return false }
        var raw: [UInt8] = []
        scanner.appendRaw(name.range, to: &raw)
        leftOut.append(raw)
        return true
    }
}
