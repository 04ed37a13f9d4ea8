import Shared

/// Finds columns by name.
///
/// Events of one table name their columns in one order, so the name that stood in the same place last time
/// is tried first.
struct ColumnOrder {
    private var learned: [Int] = []
    private var position = 0

    mutating func restart() {
        position = 0
    }

    mutating func column(
        _ name: JSONScanner.Text,
        _ scanner: borrowing JSONScanner,
        _ table: TableSchema
    ) -> Int? {
        defer { position += 1 }
        if position < learned.count, scanner.matches(name, table.columns[learned[position]].utf8Name) {
            return learned[position]
        }
        guard let text = try? scanner.value(of: name), let index = table.column(ofField: text)
        else { return nil }
        if position < learned.count { learned[position] = index } else { learned.append(index) }
        return index
    }
}
