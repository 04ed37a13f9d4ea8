import Kafka
import Logs
import Postgres

/// How a lane gets to know its tables, and changes them where `schema.evolution` allows it.
extension Lane {
    /// Checks that all tables are there, where the configuration wants that before anything else.
    mutating func requireTables() throws(SinkError) {
        guard configuration.modes.evolution.requiresTables else { return }
        for name in configuration.tableNames(of: configuration.topics) { _ = try readTable(name).get() }
    }

    /// Gets the description of the table that a record goes to.
    ///
    /// - Returns: whether the record is dealt with; otherwise it must be offered again.
    mutating func getTable(
        _ route: NewRoute,
        for message: borrowing Message,
        at slot: Int
    ) throws(SinkError) -> Bool {
        // The description is read on the connection, which is in use; the answer may be a rewind.
        guard !delivery.isInFlight else {
            try settle()
            return false
        }
        let description = try readTable(route.table)
        let learnt = intake.learn(route, description, for: message, at: slot, membership.assignment)
        switch learnt {
        case .route(let isNewTable):
            if isNewTable, case .success(let schema) = description {
                delivery.addTable(
                    schema,
                    mode: configuration.modes.insertMode,
                    capacity: configuration.limits.recordCount
                )
                try orderTables()
            }
            return false
        case .nothing:
            let taking = intake.take(message, at: slot, hasTable: false, &membership.assignment)
            if case .refused(let error, let stage) = taking { refuse(message, at: slot, error, stage) }
            return true
        case .refused(let error):
            refuse(message, at: slot, error, nil)
            return true
        case .barrier: return true
        }
    }

    mutating func readTable(_ name: String) throws(SinkError) -> Result<TableSchema, SinkError> {
        let (modes, targets) = (configuration.modes, configuration.targets)
        return try patiently("read the description of table \(name)") {
            connection,
            deadline throws(PostgresError) in
            try TableCatalog.schema(
                of: name,
                modes: modes,
                targets: targets,
                on: connection,
                deadline: deadline
            )
        }
    }

    /// Finds out anew in which order the tables of a batch are written.
    private mutating func orderTables() throws(SinkError) {
        let tables = intake.filling.tables
        let order = try patiently("read the foreign keys of the tables") {
            connection,
            deadline throws(PostgresError) in
            try TableReferences.order(of: tables, on: connection, deadline: deadline)
        }
        intake.filling.order = order
        delivery.order(order)
    }

    /// Changes a table between two batches, then fetches again what could not be taken.
    ///
    /// While the change is noted no record is taken, so the batches have nothing in them that is made for the
    /// former columns.
    mutating func carryOut(_ change: TableChange) throws(SinkError) {
        if let statement = change.statement {
            logger.notice("changing a table", metadata: ["statement": "\(statement)"])
            try patiently("change table \(change.table)") { connection, deadline throws(PostgresError) in
                try change.run(on: connection, deadline: deadline)
            }
        }
        let schema = try readTable(change.table).get()
        if let missing = change.columns.first(where: { name in
            !schema.columns.contains { $0.name.isSame(as: name) }
        }) {
            throw .table(
                change.table,
                reason:
                    "column \(missing) was to be added and still cannot be written: the table has a generated "
                    + "column of this name, or the name is too long"
            )
        }
        if let index = intake.router.table(named: change.table) {
            replace(table: index, with: schema)
            try orderTables()
        }
        try rewind()
    }

    private mutating func replace(table index: Int, with schema: TableSchema?) {
        intake.replace(table: index, with: schema)
        guard let schema else { return }
        delivery.replaceTable(index, with: schema, capacity: configuration.limits.recordCount)
    }

    /// Somebody dropped or renamed what the batch was made for: the tables are read again, and so are the records.
    mutating func rereadTables(after refusal: Refusal) throws(SinkError) {
        logger.warning(
            "a table is not what it was; reading the catalog again",
            metadata: ["reason": "\(refusal.reason)"]
        )
        delivery.forgetBatch()
        for (name, index) in intake.router.knownTables {
            // As long as a change is noted no record is taken.
            intake.raise(.change(TableChange(table: name)))
            switch try readTable(name) {
            case .success(let schema): replace(table: index, with: schema)
            case .failure(.missingTable) where configuration.modes.evolution.createsTables:
                replace(table: index, with: nil)
            case .failure(let error): throw error
            }
        }
        try orderTables()
        try rewind()
    }
}
