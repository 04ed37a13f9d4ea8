import Postgres

/// A statement of a batch that the server refused; nothing of the batch was applied.
struct Refusal {
    /// What a division by zero means: an error, because it must come before the COMMIT that is already under way.
    enum DivisionByZero {
        /// The record's own, in a trigger or a generated column.
        case fault
        /// A row that must be there is not.
        case missingRow
        /// Two keys of the batch are one for the server.
        case equalKeys
    }

    let error: PostgresError
    /// What the statement was to do.
    let statement: String
    let divisionByZero: DivisionByZero

    init(error: PostgresError, statement: String, divisionByZero: DivisionByZero = .fault) {
        (self.error, self.statement, self.divisionByZero) = (error, statement, divisionByZero)
    }

    var reason: String {
        guard error.sqlState == .divisionByZero else { return "cannot \(statement): \(error)" }
        switch divisionByZero {
        case .fault: return "cannot \(statement): \(error)"
        case .missingRow:
            return
                "cannot \(statement): the event leaves out an unchanged large value, and the row that has it "
                + "is not in the table"
        case .equalKeys:
            return
                "cannot \(statement): one key stands in it in two spellings, and which change is the last only smaller "
                + "batches tell"
        }
    }
}
