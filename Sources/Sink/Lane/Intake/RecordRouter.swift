import ChangeEvents

/// Which table a topic's records go to, and how they are decoded.
struct RecordRouter {
    /// Where a record goes.
    enum Target {
        case route(Int)
        /// A combination that has no route yet, with the values that its table is named by.
        case new(Int, source: [String])
        /// Nowhere: a record that does not name its table and changes no row.
        case nowhere
    }

    struct Route {
        /// The table's index in both batches.
        let table: Int
        let tableName: String
        var decoder: RecordDecoder
        var context: RecordContext

        /// Notes what the key may come from besides the record's key and value.
        mutating func note(_ message: borrowing some RecordView & ~Copyable) {
            context.partition = message.partition
            context.offset = message.offset
            guard decoder.modes.keyMode == .recordHeader else { return }
            for column in decoder.table.keyColumns {
                context.headers[ExactText(column.name)] = message.withHeader(column.name) { $0?.copied }
            }
        }

        fileprivate mutating func decode(
            key: RawSpan?,
            value: RawSpan?,
            into row: inout Row
        ) throws(DecodeError) -> Bool {
            try decoder.decode(key: key, value: value, context: context, into: &row)
        }
    }

    /// By the consumer's topic index, or in the order of `ids`.
    private var routes: [Route?] = []
    /// What names a table besides the topic, where there is any.
    private var source: SourceFields
    /// Routes by topic and source fields, where the topic alone does not decide.
    ///
    /// Their number is that of the topics times the tables, at most.
    private var ids: [[UInt8]: Int] = [:]
    private var last: (key: [UInt8], id: Int)?
    private var tables: [ExactText: Int] = [:]
    /// The record in hand, decoded.
    private(set) var row = Row(columnCount: 0)

    /// How keys and values become JSON.
    let texts: RecordTexts

    init(sourceFields: [String] = [], takesEnvelopes: Bool = true, texts: RecordTexts = RecordTexts()) {
        source = SourceFields(sourceFields, takesEnvelopes: takesEnvelopes)
        self.texts = texts
    }

    /// Finds the route of a record.
    ///
    /// - Throws: `DecodeError` when the record does not say its table.
    mutating func target(
        _ topicIndex: Int,
        _ message: borrowing some RecordView & ~Copyable
    ) throws(DecodeError) -> Target {
        guard !source.isEmpty else {
            return hasRoute(topicIndex) ? .route(topicIndex) : .new(topicIndex, source: [])
        }
        return try message.withJSONValue(texts) { value throws(DecodeError) in
            guard try source.read(value, topicIndex: topicIndex), let value else { return .nowhere }
            if let last, last.key == source.key, routes[last.id] != nil { return .route(last.id) }
            // A combination is kept when it has a route: names that are refused take no memory.
            guard let id = ids[source.key] else {
                return .new(routes.count, source: try source.values(value))
            }
            guard routes[id] != nil else { return .new(id, source: try source.values(value)) }
            last = (source.key, id)
            return .route(id)
        }
    }

    private func hasRoute(_ id: Int) -> Bool {
        id < routes.count && routes[id] != nil
    }

    /// The index of a table that another topic goes to as well.
    func table(named name: String) -> Int? { tables[ExactText(name)] }

    /// How many tables records go to.
    var tableCount: Int { tables.count }

    /// The tables that topics go to, each with its index in both batches.
    var knownTables: [(name: String, index: Int)] {
        tables.map { (name: $0.key.text, index: $0.value) }.sorted { $0.index < $1.index }
    }

    /// The index of the table that a route leads to, without copying the route.
    func table(ofRoute id: Int) -> Int {
        guard let table = routes[id]?.table else { preconditionFailure("a route is added before it is used") }
        return table
    }

    /// A route that is there, with its decoder.
    func route(_ id: Int) -> Route? { hasRoute(id) ? routes[id] : nil }

    /// Decodes what goes to a table by its new description; without one, the routes are looked up anew.
    mutating func replace(table: Int, with schema: TableSchema?) {
        for index in routes.indices {
            guard let route = routes[index], route.table == table else { continue }
            if let schema {
                routes[index]?.decoder = RecordDecoder(
                    table: schema,
                    modes: route.decoder.modes,
                    filter: route.decoder.filter,
                    topic: route.context.topic
                )
            } else {
                routes[index] = nil
            }
        }
    }

    mutating func add(
        _ id: Int,
        topic: String,
        toTable index: Int,
        named name: String,
        decoder: RecordDecoder
    ) {
        if !source.isEmpty { ids[source.key] = id }
        while routes.count <= id { routes.append(nil) }
        routes[id] = Route(
            table: index,
            tableName: name,
            decoder: decoder,
            context: RecordContext(topic: topic)
        )
        tables[ExactText(name)] = index
    }

    /// Decodes a record into `row`.
    ///
    /// - Returns: false when it changes nothing.
    /// - Throws: `DecodeError` that says what is wrong with the record.
    mutating func decode(
        _ id: Int,
        _ message: borrowing some RecordView & ~Copyable,
        columnCount: Int,
        completesKeyChange: Bool = false
    ) throws(DecodeError) -> Bool {
        // In place: a route that is copied costs a reference count for each array in it.
        routes[id]?.note(message)
        routes[id]?.context.completesKeyChange = completesKeyChange
        var isChange = false
        let texts = texts
        try message.withJSONKey(texts) { key throws(DecodeError) in
            try message.withJSONValue(texts) { value throws(DecodeError) in
                isChange = try decode(id, key: key, value: value, columnCount: columnCount)
            }
        }
        return isChange
    }

    /// Decodes a key and a value into `row`.
    ///
    /// - Returns: false when they change nothing.
    /// - Throws: `DecodeError` that says what is wrong with them.
    mutating func decode(
        _ id: Int,
        key: RawSpan?,
        value: RawSpan?,
        columnCount: Int
    ) throws(DecodeError) -> Bool {
        if row.cells.count != columnCount { row = Row(columnCount: columnCount) }
        guard let isChange = try routes[id]?.decode(key: key, value: value, into: &row) else {
            preconditionFailure("a route is added before it is used")
        }
        return isChange
    }

    /// Whether a key, as a header of Debezium's has it, is a row's.
    mutating func isKey(_ bytes: RawSpan, of row: Row, _ id: Int) -> Bool {
        guard var route = routes[id] else { return false }
        var other = Row(columnCount: row.cells.count)
        guard (try? route.decoder.decodeKey(bytes, route.context, into: &other)) != nil else { return false }
        return (0..<route.decoder.table.keyCount).allSatisfy { column in
            switch (row.cells[column], other.cells[column]) {
            case (.integer(let one), .integer(let two)): return one == two
            case (.text(let one), .text(let two)): return row.bytes[one] == other.bytes[two]
            default: return false
            }
        }
    }
}

extension RawSpan {
    /// The bytes, to be kept when their owner is gone.
    var copied: [UInt8] { withUnsafeBytes { Array($0) } }
}
