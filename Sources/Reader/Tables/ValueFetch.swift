import Shared

/// Fetches what one side's rows hold; the one place that decides how much of the table is read.
struct ValueFetch: Sendable {
    /// A poll that takes longer than this counts as a lost server.
    static let timeout: Duration = .seconds(5)

    let table: TableName

    /// The value of every row.
    func values(_ connection: borrowing Connection) throws(PostgresError) -> [Int64: Int64] {
        let (key, value) = (quotedIdentifier(TableName.keyColumn), quotedIdentifier(TableName.valueColumn))
        let result = try connection.execute(
            "select \(key), \(value) from \(table.quoted)",
            deadline: .after(Self.timeout)
        )
        var values: [Int64: Int64] = [:]
        values.reserveCapacity(result.rowCount)
        for row in 0..<result.rowCount {
            guard let id = result.integer(row, 0), let value = result.integer(row, 1) else { continue }
            values[id] = value
        }
        return values
    }
}
