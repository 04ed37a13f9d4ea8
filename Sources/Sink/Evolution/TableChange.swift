import Model
import Postgres

/// What must happen to a destination table before the record in hand can be taken.
struct TableChange: Sendable {
    /// The table as the configuration names it.
    let table: String
    /// The statement; `nil` where the catalog only has to be read again.
    var statement: String?
    /// The columns that the table must have afterwards.
    var columns: [String] = []

    /// Runs the statement in a transaction of its own; another instance may have been faster.
    ///
    /// A table without a schema is made where the role makes tables, and types of extensions are found where it finds
    /// them: the statement has no functions and operators that somebody could stand in for.
    func run(on connection: borrowing Connection, deadline: Deadline) throws(PostgresError) {
        guard let statement else { return }
        try connection.execute(TransactionSettings.begin, deadline: deadline)
        do throws(PostgresError) {
            try connection.execute(TransactionSettings.statement, deadline: deadline)
            try connection.execute(Self.lookUpAsRole, deadline: deadline)
            try connection.execute(statement, deadline: deadline)
            try connection.execute("commit", deadline: deadline)
        } catch {
            // A lost session has no transaction any more.
            if error.code == .server, connection.isOpen {
                try connection.execute("rollback", deadline: deadline)
            }
            // `if not exists` looks first and then inserts into the catalog: of two at a time one fails there.
            guard let state = error.sqlState, Self.lostRaces.contains(state) else { throw error }
        }
    }

    private static let lookUpAsRole = """
        select set_config('search_path', coalesce(string_agg(quote_ident(name), ', ' order by place), ''), true)
        from unnest(\(SessionSettings.schemasExpression)) with ordinality as s(name, place)
        """

    private static let lostRaces: Set<SQLState> = [
        .duplicateTable, .duplicateColumn, .duplicateObject, .uniqueViolation,
    ]
}
