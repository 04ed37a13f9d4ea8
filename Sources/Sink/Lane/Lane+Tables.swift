import Logging
import Shared

/// How a lane gets to know its tables, and changes them where `schema.evolution` allows it.
extension Lane {
    /// Checks that all tables are there, where the configuration wants that before anything else.
    mutating func requireTables() throws(SinkError) {
        guard configuration.modes.evolution.requiresTables else { return }
        for name in configuration.tableNames { _ = try readTable(name).get() }
    }

    /// Makes sure that a record's topic has a table to go to.
    ///
    /// - Returns: false when it has none: either a change that makes one is noted, or the record is a tombstone,
    ///   which changes nothing where no table is.
    mutating func isReady(
        _ topicIndex: Int,
        for message: borrowing Message
    ) throws(DecodeError) -> Bool {
        if router.hasRoute(topicIndex) { return true }
        do throws(SinkError) {
            return try addRoute(topicIndex)
        } catch {
            guard case .missingTable(let name) = error, configuration.modes.evolution.createsTables else {
                badRecord = error
                return false
            }
            return try askForTable(name, message)
        }
    }

    /// Reads the description of the table that a topic's records go to.
    ///
    /// - Returns: false when it is another than the batches are made for; then it must be read again in between.
    private mutating func addRoute(_ topicIndex: Int) throws(SinkError) -> Bool {
        let topic = consumer.topicName(topicIndex)
        let name = configuration.tableName(forTopic: topic)
        let schema = try readTable(name).get()
        let table: Int
        if let known = router.table(named: name) {
            guard filling.tables[known].schema == schema else {
                neededChange = TableChange(table: name)
                return false
            }
            table = known
        } else {
            let (mode, capacity) = (configuration.modes.insertMode, configuration.batchSize)
            table = filling.addTable(schema, mode: mode, capacity: capacity)
            _ = applying.addTable(schema, mode: mode, capacity: capacity)
            try orderTables()
        }
        let decoder = RecordDecoder(table: schema, modes: configuration.modes)
        router.add(topicIndex, topic: topic, toTable: table, named: name, decoder: decoder)
        return true
    }

    private mutating func readTable(_ name: String) throws(SinkError) -> Result<TableSchema, SinkError> {
        let modes = configuration.modes
        return try patiently("read the description of table \(name)") {
            connection,
            deadline throws(PostgresError) in
            try TableCatalog.schema(
                of: name,
                keyFields: modes.keyFields,
                requirement: modes.keyRequirement,
                on: connection,
                deadline: deadline
            )
        }
    }

    /// Finds out anew in which order the tables of a batch are written.
    private mutating func orderTables() throws(SinkError) {
        let tables = filling.tables
        let order = try patiently("read the foreign keys of the tables") {
            connection,
            deadline throws(PostgresError) in
            try TableReferences.order(of: tables, on: connection, deadline: deadline)
        }
        filling.order = order
        applying.order = order
    }

    // MARK: Changing tables

    /// Notes that a table must be created; returns false, as the record cannot be taken before.
    private mutating func askForTable(
        _ name: String,
        _ message: borrowing Message
    ) throws(DecodeError) -> Bool {
        let schema = try message.recordSchema()
        do throws(SinkError) {
            switch schema {
            case .nothing: break
            case .unknown: throw .table(name, reason: "it is not there; \(TableDefinition.schemasNeeded)")
            case .known(let schema):
                let definition = TableDefinition(name: name, modes: configuration.modes)
                neededChange = TableChange(table: name, statement: try definition.creating(schema))
            }
        } catch {
            badRecord = error
        }
        return false
    }

    /// Notes that a table needs the columns of a record that could not be decoded.
    ///
    /// - Returns: false when columns are not what the record lacks.
    mutating func askForColumns(
        _ topicIndex: Int,
        _ message: borrowing Message
    ) throws(SinkError) -> Bool {
        guard configuration.modes.evolution.addsColumns, let table = router.decoder(topicIndex)?.table,
            case .known(let schema)? = try? message.recordSchema()
        else { return false }
        let missing = schema.missing(in: table, modes: configuration.modes)
        guard !missing.isEmpty else { return false }
        let name = configuration.tableName(forTopic: consumer.topicName(topicIndex))
        do throws(SinkError) {
            let statement = try TableDefinition(name: name, modes: configuration.modes).adding(missing)
            let columns = missing.map { $0.name.lowercased() }
            neededChange = TableChange(table: name, statement: statement, columns: columns)
        } catch {
            badRecord = error
        }
        return true
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
        if let missing = change.columns.first(where: { name in !schema.columns.contains { $0.name == name } })
        {
            throw .table(
                change.table,
                reason:
                    "column \(missing) was to be added and still cannot be written: the table has a generated "
                    + "column of this name, or the name is too long"
            )
        }
        if let index = router.table(named: change.table) {
            replace(table: index, with: schema)
            try orderTables()
        }
        try rewind()
    }

    private mutating func replace(table index: Int, with schema: TableSchema) {
        filling.replaceTable(index, with: schema, capacity: configuration.batchSize)
        applying.replaceTable(index, with: schema, capacity: configuration.batchSize)
        router.replace(table: index, with: schema)
    }

    /// Somebody dropped or renamed what the batch was made for: the tables are read again, and so are the records.
    mutating func rereadTables(after refusal: Refusal) throws(SinkError) {
        logger.warning(
            "a table is not what it was; reading the catalog again",
            metadata: ["reason": "\(refusal.reason)"]
        )
        hasReread = true
        applying.removeAll()
        for (name, index) in router.knownTables {
            // As long as a change is noted no record is taken.
            neededChange = TableChange(table: name)
            switch try readTable(name) {
            case .success(let schema): replace(table: index, with: schema)
            case .failure(.missingTable) where configuration.modes.evolution.createsTables:
                router.replace(table: index, with: nil)
            case .failure(let error): throw error
            }
        }
        try orderTables()
        try rewind()
    }
}

/// What a record says about the table that it wants.
private enum WantedSchema {
    /// Nothing: it has no value, or is a message, and changes no row.
    case nothing
    /// It changes a row, and has no schema.
    case unknown
    case known(RecordSchema)
}

extension Message {
    fileprivate func recordSchema() throws(DecodeError) -> WantedSchema {
        try withKey { key throws(DecodeError) in
            try withValue { value throws(DecodeError) in
                guard let value else { return .nothing }
                switch try RecordValue(value) {
                case .null: return .nothing
                case .envelope(let envelope) where envelope.operation == .message: return .nothing
                default: break
                }
                return try RecordSchema(key: key, value: value).map { .known($0) } ?? .unknown
            }
        }
    }
}
