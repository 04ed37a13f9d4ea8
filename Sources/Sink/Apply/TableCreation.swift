import Shared

extension Connection {
    /// Runs a `create table if not exists` that several lanes or instances may run at the same moment.
    ///
    /// PostgreSQL looks for the table first and makes it then: two that look at once both make it, and the later one
    /// is refused for a duplicate in the catalog, when the table of the other is there.
    ///
    /// - Throws: `PostgresError` for anything else.
    func createTable(_ statement: String, deadline: Deadline) throws(PostgresError) {
        do throws(PostgresError) {
            try execute(statement, deadline: deadline)
        } catch {
            guard error.code == .server,
                error.sqlState == .uniqueViolation || error.sqlState == .duplicateTable
            else { throw error }
        }
    }
}
