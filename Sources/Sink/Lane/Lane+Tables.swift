import ChangeEvents
import Logs
import Postgres

/// How a lane gets to know its tables, and changes them where `schema.evolution` allows it.
extension Lane {
    /// Checks that all tables are there, where the configuration wants that before anything else.
    mutating func requireTables() throws(SinkError) {
        guard configuration.modes.evolution.requiresTables else { return }
        for name in configuration.tableNames(of: configuration.topics) { _ = try readTable(name).get() }
    }

    /// The route of a record; makes sure that it has a table to go to.
    ///
    /// - Returns: `nil` when it has none: either a change that makes one is noted, or the record is a tombstone
    ///   or message that changes nothing where no table is.
    mutating func route(
        of message: borrowing some RecordView & ~Copyable,
        _ topicIndex: Int
    ) throws(DecodeError) -> Int? {
        switch try router.target(topicIndex, message) {
        case .route(let id): return id
        case .nowhere: return nil
        case .new(let id, let source):
            let topic = topicName(topicIndex)
            let isChosen = !source.isEmpty || namesTablesByContent
            let name = configuration.tableNameFormat.name(topic: topic, source: source)
            try refuse(name, isChosenByRecord: isChosen)
            do throws(SinkError) {
                return try addRoute(id, topic: topic, name: name) ? id : nil
            } catch {
                // What a record chooses is the record's fault; what the configuration names concerns each record.
                if case .forbiddenTable = error, isChosen {
                    throw DecodeError(error.description, at: 0)
                }
                if case .missingTable(let name) = error, configuration.modes.evolution.createsTables {
                    try askForTable(name, topic: topic, message)
                } else {
                    badRecord = error
                }
                return nil
            }
        }
    }

    /// - Throws: `DecodeError` for a table that a record must not choose.
    private func refuse(_ name: String, isChosenByRecord: Bool) throws(DecodeError) {
        if isChosenByRecord {
            do throws(UnquotableText) {
                _ = try quotedPath(name)
            } catch {
                throw DecodeError("the table that the record chooses: \(error)", at: 0)
            }
        }
        let targets = configuration.targets
        var reason = targets.refusal(of: TargetName(name), isChosenByRecord: isChosenByRecord)
        if reason == nil, isChosenByRecord || configuration.selection.pattern != nil,
            router.table(named: name) == nil
        {
            reason = targets.refusal(ofTableBeside: router.tableCount)
        }
        if let reason { throw DecodeError("table \(name): \(reason)", at: 0) }
    }

    /// Reads the description of the table that a route leads to.
    ///
    /// - Returns: false when it is another than the batches are made for; then it must be read again in between.
    private mutating func addRoute(
        _ id: Int,
        topic: String,
        name: String
    ) throws(SinkError) -> Bool {
        let schema = try readTable(name).get()
        let table: Int
        if let known = router.table(named: name) {
            guard filling.tables[known].schema == schema else {
                neededChange = TableChange(table: name)
                return false
            }
            table = known
        } else {
            let (mode, capacity) = (configuration.modes.insertMode, configuration.limits.recordCount)
            table = filling.addTable(schema, mode: mode, capacity: capacity)
            _ = applying.addTable(schema, mode: mode, capacity: capacity)
            try orderTables()
        }
        let decoder = RecordDecoder(
            table: schema,
            modes: configuration.modes,
            filter: configuration.fieldFilter,
            topic: topic
        )
        router.add(id, topic: topic, toTable: table, named: name, decoder: decoder)
        return true
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

    /// Notes that a table must be created; the record cannot be taken before.
    private mutating func askForTable(
        _ name: String,
        topic: String,
        _ message: borrowing some RecordView & ~Copyable
    ) throws(DecodeError) {
        let schema = try message.recordSchema(configuration.modes, router.texts)
        do throws(SinkError) {
            switch schema {
            case .nothing: break
            case .unknown: throw .table(name, reason: "it is not there; \(TableDefinition.schemasNeeded)")
            case .known(let schema):
                let definition = TableDefinition(name: name, modes: configuration.modes)
                let wanted = schema.passing(configuration.fieldFilter, of: topic, modes: configuration.modes)
                neededChange = TableChange(table: name, statement: try definition.creating(wanted))
            }
        } catch {
            badRecord = error
        }
    }

    /// Notes that a table needs the columns of a record that could not be decoded.
    ///
    /// - Returns: false when columns are not what the record lacks.
    mutating func askForColumns(
        _ id: Int?,
        _ message: borrowing some RecordView & ~Copyable
    ) throws(SinkError) -> Bool {
        guard configuration.modes.evolution.addsColumns, let route = id.flatMap({ router.route($0) }),
            case .known(let schema)? = try? message.recordSchema(
                configuration.modes,
                router.texts
            )
        else { return false }
        let missing = schema.passing(
            configuration.fieldFilter,
            of: route.context.topic,
            modes: configuration.modes
        )
        .missing(in: route.decoder.table, modes: configuration.modes)
        guard !missing.isEmpty else { return false }
        let name = route.tableName
        do throws(SinkError) {
            let definition = TableDefinition(
                name: name,
                quotedName: route.decoder.table.qualifiedName,
                modes: configuration.modes
            )
            let statement = try definition.adding(missing)
            let columns = missing.map { configuration.modes.identifiers.name($0.name) }
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
        if let index = router.table(named: change.table) {
            replace(table: index, with: schema)
            try orderTables()
        }
        try rewind()
    }

    private mutating func replace(table index: Int, with schema: TableSchema) {
        filling.replaceTable(index, with: schema, capacity: configuration.limits.recordCount)
        applying.replaceTable(index, with: schema, capacity: configuration.limits.recordCount)
        router.replace(table: index, with: schema)
    }

    /// Somebody dropped or renamed what the batch was made for: the tables are read again, and so are the records.
    mutating func rereadTables(after refusal: Refusal) throws(SinkError) {
        logger.warning(
            "a table is not what it was; reading the catalog again",
            metadata: ["reason": "\(refusal.reason)"]
        )
        hasReread = true
        forgetApplying()
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

extension RecordView where Self: ~Copyable {
    fileprivate func recordSchema(
        _ modes: WriteModes,
        _ texts: RecordTexts
    ) throws(DecodeError) -> WantedSchema {
        try withJSONKey(texts) { key throws(DecodeError) in
            try withJSONValue(texts) { value throws(DecodeError) in
                try WantedSchema.of(value, key: key, modes)
            }
        }
    }
}

extension WantedSchema {
    fileprivate static func of(
        _ value: RawSpan?,
        key: RawSpan?,
        _ modes: WriteModes
    ) throws(DecodeError) -> WantedSchema {
        guard let value else { return .nothing }
        switch try RecordValue(value, takesEnvelopes: modes.recordForm != .row) {
        case .null: return .nothing
        case .envelope(let envelope) where envelope.operation == .message: return .nothing
        default: break
        }
        return try RecordSchema(key: key, value: value, modes.recordForm).map { .known($0) } ?? .unknown
    }
}
