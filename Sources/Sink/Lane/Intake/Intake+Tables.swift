import ChangeEvents
import Kafka
import Model
import Postgres

/// A combination of topic and source fields that has no table yet.
struct NewRoute {
    let id: Int
    let topic: String
    /// The table's name, as the configuration makes it.
    let table: String
    /// Whether the record, and not the configuration, chose it.
    let isChosen: Bool
}

/// Which tables records go to, and what those lack.
extension Intake {
    /// What came of a table's description.
    enum Learnt {
        /// The route is there; the order of the tables must be found anew where one is new.
        case route(isNewTable: Bool)
        /// There is no table, and the record changes none.
        case nothing
        /// The record must not go there.
        case refused(DecodeError)
        /// A barrier is up.
        case barrier
    }

    /// - Throws: `DecodeError` for a table that a record must not choose.
    func newRoute(
        _ id: Int,
        _ source: [String],
        _ topicIndex: Int,
        at slot: Int,
        _ assignment: borrowing Assignment
    ) throws(DecodeError) -> NewRoute {
        let topic = transforms?.topics[topicIndex] ?? assignment.partitions[slot].place.topic
        let isChosen = !source.isEmpty || configuration.transforms?.routesByContent ?? false
        let name = configuration.tableNameFormat.name(topic: topic, source: source)
        try refuse(name, isChosenByRecord: isChosen)
        return NewRoute(id: id, topic: topic, table: name, isChosen: isChosen)
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

    /// Takes the description of the table that a new route leads to.
    mutating func learn(
        _ route: NewRoute,
        _ description: Result<TableSchema, SinkError>,
        for message: borrowing Message,
        at slot: Int,
        _ assignment: borrowing Assignment
    ) -> Learnt {
        do throws(SinkError) {
            return try learn(route, try description.get())
        } catch {
            // What a record chooses is the record's fault; what the configuration names concerns each record.
            if case .forbiddenTable = error, route.isChosen {
                return .refused(DecodeError(error.description, at: 0))
            }
            guard case .missingTable(let name) = error, configuration.modes.evolution.createsTables else {
                raise(.record(error))
                return .barrier
            }
            do throws(DecodeError) {
                // What the transforms made of it says which columns there are.
                switch transforms?.result(of: message, topic: assignment.partitions[slot].place.topic) {
                case .record(let record)?: return try askForTable(name, topic: route.topic, record)
                default: return try askForTable(name, topic: route.topic, message)
                }
            } catch {
                return .refused(error)
            }
        }
    }

    private mutating func learn(_ route: NewRoute, _ schema: TableSchema) throws(SinkError) -> Learnt {
        let known = router.table(named: route.table)
        if let known, filling.tables[known].schema != schema {
            // It is another than the batches are made for: it must be read again in between.
            raise(.change(TableChange(table: route.table)))
            return .barrier
        }
        let table =
            known
            ?? filling.addTable(
                schema,
                mode: configuration.modes.insertMode,
                capacity: configuration.limits.recordCount
            )
        let decoder = RecordDecoder(
            table: schema,
            modes: configuration.modes,
            filter: configuration.fieldFilter,
            topic: route.topic
        )
        router.add(route.id, topic: route.topic, toTable: table, named: route.table, decoder: decoder)
        return .route(isNewTable: known == nil)
    }

    /// Notes that a table must be created; the record cannot be taken before.
    private mutating func askForTable(
        _ name: String,
        topic: String,
        _ message: borrowing some RecordView & ~Copyable
    ) throws(DecodeError) -> Learnt {
        let schema = try message.recordSchema(configuration.modes, router.texts)
        do throws(SinkError) {
            switch schema {
            case .nothing: return .nothing
            case .unknown: throw .table(name, reason: "it is not there; \(TableDefinition.schemasNeeded)")
            case .known(let schema):
                let definition = TableDefinition(name: name, modes: configuration.modes)
                let wanted = schema.passing(configuration.fieldFilter, of: topic, modes: configuration.modes)
                raise(.change(TableChange(table: name, statement: try definition.creating(wanted))))
            }
        } catch {
            raise(.record(error))
        }
        return .barrier
    }

    /// Notes that a table needs the columns of a record that could not be decoded.
    ///
    /// - Returns: false when columns are not what the record lacks.
    mutating func askForColumns(_ id: Int?, _ message: borrowing some RecordView & ~Copyable) -> Bool {
        guard configuration.modes.evolution.addsColumns, let route = id.flatMap({ router.route($0) }),
            case .known(let schema)? = try? message.recordSchema(configuration.modes, router.texts)
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
            raise(.change(TableChange(table: name, statement: statement, columns: columns)))
        } catch {
            raise(.record(error))
        }
        return true
    }

    /// Gives a table that changed its new description; without one, its routes are looked up anew.
    mutating func replace(table index: Int, with schema: TableSchema?) {
        if let schema {
            filling.replaceTable(index, with: schema, capacity: configuration.limits.recordCount)
        }
        router.replace(table: index, with: schema)
    }
}
