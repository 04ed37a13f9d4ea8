import Shared

/// A statement of a batch that the server refused; nothing of the batch was applied.
struct Refusal {
    let error: PostgresError
    /// What the statement was to do.
    let statement: String
    /// Whether it updates rows that must be there, with division by zero if one is not.
    let needsRows: Bool

    var reason: String {
        if needsRows, error.sqlState == .divisionByZero {
            return
                "cannot \(statement): the event leaves out an unchanged large value, and the row that has it "
                + "is not in the table"
        }
        return "cannot \(statement): \(error)"
    }
}
