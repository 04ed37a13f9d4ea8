import Shared

/// Which table a topic's records go to, and how they are decoded.
struct RecordRouter {
    struct Route {
        /// The table's index in both batches.
        let table: Int
        var decoder: RecordDecoder
        var context: RecordContext

        /// Notes what the key may come from besides the record's key and value.
        mutating func note(_ message: borrowing Message) {
            context.partition = message.partition
            context.offset = message.offset
            guard decoder.modes.keyMode == .recordHeader else { return }
            for column in decoder.table.keyColumns {
                context.headers[column.name] = message.withHeader(column.name) { $0?.copied }
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

    /// By the consumer's topic index.
    private var routes: [Route?] = []
    private var tables: [String: Int] = [:]
    /// Scratch space of the record in hand.
    private var row = Row(columnCount: 0)

    func hasRoute(_ topicIndex: Int) -> Bool {
        topicIndex < routes.count && routes[topicIndex] != nil
    }

    /// The index of a table that another topic goes to as well.
    func table(named name: String) -> Int? { tables[name] }

    /// The tables that topics go to, each with its index in both batches.
    var knownTables: [(name: String, index: Int)] {
        tables.map { (name: $0.key, index: $0.value) }.sorted { $0.index < $1.index }
    }

    /// The decoder of a topic that has a route.
    func decoder(_ topicIndex: Int) -> RecordDecoder? {
        hasRoute(topicIndex) ? routes[topicIndex]?.decoder : nil
    }

    /// Decodes what goes to a table by its new description; without one, the routes are looked up anew.
    mutating func replace(table: Int, with schema: TableSchema?) {
        for index in routes.indices {
            guard let route = routes[index], route.table == table else { continue }
            if let schema {
                routes[index]?.decoder = RecordDecoder(table: schema, modes: route.decoder.modes)
            } else {
                routes[index] = nil
            }
        }
    }

    mutating func add(
        _ topicIndex: Int,
        topic: String,
        toTable index: Int,
        named name: String,
        decoder: RecordDecoder
    ) {
        while routes.count <= topicIndex { routes.append(nil) }
        routes[topicIndex] = Route(table: index, decoder: decoder, context: RecordContext(topic: topic))
        tables[name] = index
    }

    /// Decodes a record and folds its change into the batch.
    ///
    /// - Throws: `DecodeError` that says what is wrong with the record; the batch is as it was.
    mutating func fold(
        _ topicIndex: Int,
        _ message: borrowing Message,
        into batch: inout Batch
    ) throws(DecodeError) {
        routes[topicIndex]?.note(message)
        try message.withKey { key throws(DecodeError) in
            try message.withValue { value throws(DecodeError) in
                try fold(topicIndex, key: key, value: value, into: &batch)
            }
        }
    }

    /// Decodes a key and a value, and folds their change into the batch.
    ///
    /// - Throws: `DecodeError` that says what is wrong with the record; the batch is as it was.
    mutating func fold(
        _ topicIndex: Int,
        key: RawSpan?,
        value: RawSpan?,
        into batch: inout Batch
    ) throws(DecodeError) {
        guard let table = routes[topicIndex]?.table else {
            preconditionFailure("a route is added before it is used")
        }
        let columnCount = batch.tables[table].schema.columns.count
        if row.cells.count != columnCount { row = Row(columnCount: columnCount) }
        // In place: a route that is copied costs a reference count for each array in it.
        if try routes[topicIndex]?.decode(key: key, value: value, into: &row) == true {
            try batch.fold(row, intoTable: table)
        }
    }
}

extension RawSpan {
    fileprivate var copied: [UInt8] { withUnsafeBytes { Array($0) } }
}
