import Shared

/// What must happen to a destination table before the record in hand can be taken.
struct TableChange: Sendable {
    /// The table as the configuration names it.
    let table: String
    /// The statement; `nil` where the catalog only has to be read again.
    var statement: String?
    /// The columns that the table must have afterwards.
    var columns: [String] = []

    /// Runs the statement in a transaction of its own; another instance may have been faster.
    func run(on connection: borrowing Connection, deadline: Deadline) throws(PostgresError) {
        guard let statement else { return }
        do throws(PostgresError) {
            try connection.execute(statement, deadline: deadline)
        } catch {
            // `if not exists` looks first and then inserts into the catalog: of two at a time one fails there.
            guard let state = error.sqlState, Self.lostRaces.contains(state) else { throw error }
        }
    }

    private static let lostRaces: Set<SQLState> = [
        .duplicateTable, .duplicateColumn, .duplicateObject, .uniqueViolation,
    ]
}
