import Shared

/// A statement of a batch that the server refused; nothing of the batch was applied.
struct Refusal {
    let error: PostgresError
    /// What the statement was to do.
    let statement: String
    /// Whether it updates rows that must be there, with division by zero if one is not.
    let needsRows: Bool

    /// Whether the records are to blame, so that the batch without one of them might be applied.
    ///
    /// PostgreSQL manual, appendix A: cardinality (21), data (22), constraints (23), triggers and functions
    /// (38, 39, P0), check option (44), limits of the server such as the size of an index entry (54).
    var isDataError: Bool {
        guard error.code == .server, let sqlState = error.sqlState else { return false }
        return ["21", "22", "23", "38", "39", "44", "54", "P0"].contains(sqlState.classCode)
    }

    /// Whether a table or column is not there any more, so that its description must be read again.
    var isOutdatedTable: Bool {
        error.code == .server && (error.sqlState == .undefinedColumn || error.sqlState == .undefinedTable)
    }

    var reason: String {
        if needsRows, error.sqlState == .divisionByZero {
            return
                "cannot \(statement): the event leaves out an unchanged large value, and the row that has it "
                + "is not in the table"
        }
        return "cannot \(statement): \(error)"
    }
}
