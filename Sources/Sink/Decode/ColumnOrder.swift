import ChangeEvents

/// Finds a table's columns by name.
///
/// Events of one table name their columns in one order, so the name that stood in the same place last time
/// is tried first.
struct ColumnOrder {
    private let table: TableSchema
    /// The bytes of all names, and where each lies: asking the columns would cost reference counts for each field.
    private var names: [UInt8] = []
    private var places: [Range<Int>] = []
    private var learned: [Int] = []
    private var position = 0

    init(_ table: TableSchema) {
        self.table = table
        for column in table.columns {
            let start = names.count
            names.append(contentsOf: column.name.utf8)
            places.append(start..<names.count)
        }
    }

    mutating func restart() {
        position = 0
    }

    mutating func column(_ name: JSONScanner.Text, _ scanner: borrowing JSONScanner) -> Int? {
        defer { position += 1 }
        if position < learned.count, scanner.matches(name, names, in: places[learned[position]]) {
            return learned[position]
        }
        guard let text = try? scanner.value(of: name), let index = table.column(ofField: text)
        else { return nil }
        if position < learned.count { learned[position] = index } else { learned.append(index) }
        return index
    }
}
